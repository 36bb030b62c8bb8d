"""What a search found out: its history, which dials mattered, and its trials as lines and points."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import optuna

from engine.search.space import FAMILY, Dial, Room, Space, Values
from engine.search.study import Study
from engine.specs.search import (
    SPENT,
    Axis,
    Coordinates,
    HistoryPoint,
    ParamImportance,
    SearchFindings,
    Slice,
    TrialRecord,
)
from engine.words import words

#: Complete trials of a family below which its dials cannot be weighed.
LEAST_TRIALS = 12
#: Complete trials of a family whose params are told one by one.
MOST_DRAWN = 300
_TREES = 32
SCORE_AXIS = "score"


def find(study: Study) -> SearchFindings:
    """Return what a search found out so far, from its records."""
    records = [record for record in study.records if record.state in SPENT]
    complete = [record for record in records if record.score is not None]
    weighed, note = _importance(study, complete)
    rooms = [room for name, room in study.space.rooms.items() if _of(name, complete)]
    # As many as can be told apart in a drawing, the best of them.
    by_score = sorted(complete, key=lambda record: study.loss(record.score or 0.0))
    drawn = [record for name in study.space.rooms for record in _of(name, by_score)[:MOST_DRAWN]]
    drawn.sort(key=lambda record: record.number)
    return SearchFindings(
        greater_is_better=study.greater_is_better,
        counts=dict(Counter(record.state for record in study.records)),
        best=study.best.number if study.best else None,
        best_score=study.best.score if study.best else None,
        seconds=round(sum(record.seconds for record in records), 3),
        history=_history(records, greater_is_better=study.greater_is_better),
        importance=weighed,
        coordinates=tuple(_coordinates(study.space, room, drawn) for room in rooms),
        slices=tuple(one for room in rooms for one in _slices(room, drawn)),
        note=note,
    )


def _of(family: str, records: Iterable[TrialRecord]) -> list[TrialRecord]:
    return [record for record in records if record.candidate.family == family]


def _history(records: Sequence[TrialRecord], *, greater_is_better: bool) -> tuple[HistoryPoint, ...]:
    best: float | None = None
    points = []
    for record in records:
        if record.score is not None:
            pick = max if greater_is_better else min
            best = record.score if best is None else pick(best, record.score)
        points.append(
            HistoryPoint(
                number=record.number,
                candidate=record.candidate.id,
                family=record.candidate.family,
                state=record.state,
                score=record.score,
                best=best,
                seconds=record.seconds,
            )
        )
    return tuple(points)


def _importance(study: Study, complete: Sequence[TrialRecord]) -> tuple[tuple[ParamImportance, ...], str]:
    """Weigh each family's dials, and the choice of the family itself; say for whom there are too few trials."""
    found: list[ParamImportance] = []
    few = []
    for name in study.space.rooms:
        trials = _drawn(study.space, _of(name, complete))
        if len(trials) >= LEAST_TRIALS:
            found += _weigh(study, name, trials)
        elif trials:
            few.append(study.space.rooms[name].family.title)
    everything = _drawn(study.space, complete)
    if len({drawn[FAMILY] for drawn, _ in everything}) > 1 and len(everything) >= LEAST_TRIALS:
        found.append(
            ParamImportance(
                family="", param=FAMILY, share=_share_of_family(everything), trials=len(everything)
            )
        )
    if not complete:
        return (), words("No trial was trained to its end yet.")
    note = words(
        "What matters cannot be said below {least} complete trials of a kind: {kinds}.",
        least=LEAST_TRIALS,
        kinds=", ".join(few),
    )
    return tuple(found), note if few else ""


def _drawn(space: Space, records: Iterable[TrialRecord]) -> list[tuple[Values, float]]:
    """Return (what was drawn, score) of the records inside the space."""
    return [
        (drawn, record.score)
        for record in records
        if record.score is not None and (drawn := space.drawn(record.candidate)) is not None
    ]


def _weigh(study: Study, family: str, trials: Sequence[tuple[Values, float]]) -> list[ParamImportance]:
    """Return the dials of one family by the share of the scores' variance that each explains, heaviest first.

    Source: Hutter, Hoos & Leyton-Brown, An Efficient Approach for Assessing Hyperparameter Importance, ICML 2014.
    """
    distributions = study.space.rooms[family].distributions()
    weighed = optuna.create_study(direction="maximize" if study.greater_is_better else "minimize")
    weighed.add_trials(
        [
            optuna.trial.create_trial(
                value=score,
                params={name: drawn[name] for name in distributions},
                distributions=distributions,
            )
            for drawn, score in trials
        ]
    )
    scores = {score for _, score in trials}
    if len(distributions) == 1 or len(scores) == 1:
        shares = dict.fromkeys(distributions, 1.0 / len(distributions) if len(scores) > 1 else 0.0)
    else:
        evaluator = optuna.importance.FanovaImportanceEvaluator(n_trees=_TREES, seed=study.spec.seed)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            shares = optuna.importance.get_param_importances(
                weighed, evaluator=evaluator, params=list(distributions)
            )
    return [
        ParamImportance(
            family=family, param=name.split(".", 1)[1], share=round(float(share), 4), trials=len(trials)
        )
        for name, share in sorted(shares.items(), key=lambda pair: -pair[1])
    ]


def _share_of_family(trials: Sequence[tuple[Values, float]]) -> float:
    """Return the share of the scores' variance that lies between families (eta squared)."""
    mean = sum(score for _, score in trials) / len(trials)
    groups: dict[str, list[float]] = {}
    for drawn, score in trials:
        groups.setdefault(drawn[FAMILY], []).append(score)
    between = sum(len(own) * (sum(own) / len(own) - mean) ** 2 for own in groups.values())
    total = sum((score - mean) ** 2 for _, score in trials)
    return round(between / total, 4) if total > 0 else 0.0


def _coordinates(space: Space, room: Room, complete: Sequence[TrialRecord]) -> Coordinates:
    own = [
        (record, drawn)
        for record in _of(room.family.name, complete)
        if (drawn := space.drawn(record.candidate))
    ]
    scores = [float(record.score or 0.0) for record, _ in own]
    low, high = min(scores, default=0.0), max(scores, default=1.0)
    places, values = [], []
    for (record, drawn), score in zip(own, scores, strict=True):
        at = [dial.place(drawn[f"{room.family.name}.{name}"]) for name, dial in room.dials.items()]
        places.append(
            (*(round(one, 4) for one in at), round((score - low) / (high - low), 4) if high > low else 0.5)
        )
        values.append((*(record.candidate.params[name] for name in room.dials), score))
    return Coordinates(
        family=room.family.name,
        axes=(
            *(_axis(name, dial) for name, dial in room.dials.items()),
            Axis(name=SCORE_AXIS, low=low, high=high),
        ),
        numbers=tuple(record.number for record, _ in own),
        places=tuple(places),
        values=tuple(values),
    )


def _axis(name: str, dial: Dial) -> Axis:
    if dial.choices:
        return Axis(name=name, choices=tuple(_said(choice) for choice in dial.choices))
    return Axis(name=name, low=dial.low, high=dial.high, log=dial.param.log)


def _said(choice: Any) -> str:
    return str(choice).lower() if isinstance(choice, bool) else str(choice)


def _slices(room: Room, complete: Sequence[TrialRecord]) -> list[Slice]:
    own = _of(room.family.name, complete)
    return [
        Slice(
            family=room.family.name,
            param=name,
            log=dial.param.log,
            points=tuple((record.candidate.params[name], float(record.score or 0.0)) for record in own),
        )
        for name, dial in room.dials.items()
    ]
