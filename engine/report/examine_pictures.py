"""Look at the pictures behind the figures: worst mistakes, mixed-up classes, doubtful labels, weak light, and gaze."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from engine.evaluation.confused import Mixup
from engine.evaluation.metrics import metric
from engine.evaluation.strains import STRAINS
from engine.evaluation.telling import tell_alone
from engine.evaluation.thresholds import at, centred
from engine.families.base import Budget
from engine.files import write_json
from engine.report.examine import TestRows
from engine.report.gaze import Looked, heat_of, look, mean_gaze
from engine.report.picture_choice import doubted_labels, in_turn, mixed_up, recognised, worst_answers
from engine.report.picture_rows import (
    Asker,
    Doubles,
    PictureRows,
    Pixels,
    Rows,
    shown,
    small_pixels,
    unseen_answers,
)
from engine.report.robustness import strain
from engine.run import Run
from engine.serving.session import Session
from engine.specs.codec import to_json
from engine.specs.picture_findings import (
    ConfusedPair,
    Contradiction,
    Gaze,
    LabelSuspect,
    Part,
    PictureFindings,
    Robustness,
    ShownPicture,
    Telling,
)
from engine.specs.training import Selection, TaskSpec
from engine.specs.wording import figure

MOST_MISTAKES = 12
#: So many of them are looked at closely before every class has had its turn.
FIRST_MISTAKES = 4
MOST_SUSPECTS = 100
MOST_CONTRADICTIONS = 8
PICTURES_PER_CONTRADICTION = 4
#: Test pictures that are asked about at most, and how many tell how long one takes.
MOST_ROWS, FIRST_ROWS = 4_000, 64
MOST_STRAINED = 400
MEASURED_ROWS = 20_000
TOP = 5
#: Shares of the time for asking, then of what is left for making doubtful pictures small (that takes few seconds in
#: any case), then of what is left for looking; the rest is for changed pictures.
_ASKING, _FETCHING, _LOOKING = 0.3, 0.2, 0.4
_LEAST_SECONDS = 3.0
#: Answers about each picture: as it is and changed in every way, in all strengths or in one.
_ALL_STRAINS, _ONE_STRENGTH = 3 * len(STRAINS) + 1, len(STRAINS) + 1
#: Of what a model sees, where no plan says it.
_USUAL_SIDE = 128
#: Time that training left over may be used, up to so many seconds.
_MOST_SECONDS = 60.0


@dataclass
class _Examination:
    """What the parts of one examination share.   rows, y, scores: of the test pictures asked about, in file order."""

    task: TaskSpec
    source: PictureRows
    asker: Asker
    budget: Budget
    seed: int
    told: Callable[[float], None]
    rows: Rows
    y: Doubles
    scores: Doubles
    seconds_each: float
    side: int
    threshold: float | None
    thumbnails: dict[int, str] = field(default_factory=dict)
    pixels: dict[int, Pixels] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)

    @property
    def centred(self) -> Doubles:
        """The scores, such that the class that the model names has the highest."""
        return centred(self.scores, self.threshold)


def examine_pictures(run: Run, model: bytes, rows: TestRows) -> PictureFindings | None:
    """Ask the file that would be published about test pictures, and write what was found beside the evaluation.

    model: the fused file.   Takes about as long as weighing columns takes for a table (`Run.importance_s`), longer
    where training left time over; what does not fit is done with fewer pictures or left out.
    Returns: None, and nothing is written, for a model that does not read a picture and nothing else.
    """
    if not any(column.input_type == "image" for column in run.input_schema.columns):
        return None
    session = Session(model, threads=run.threads)
    inputs = session.inputs()
    if list(inputs.values()) != ["image"]:
        return None
    found = _examine(
        run, Asker(session, next(iter(inputs))), PictureRows(rows=rows, image=next(iter(inputs)))
    )
    write_json(run.paths.pictures, to_json(found))
    return found


def _examine(run: Run, asker: Asker, source: PictureRows) -> PictureFindings:
    budget = Budget(max(run.importance_s, min(_MOST_SECONDS, run.training_s / 2)), run.clock)

    def told(share: float) -> None:
        run.progress(0.6 + 0.4 * share)

    seen = _answers(run, asker, source, budget, told)
    told(0.3)
    selection = run.read(Selection, run.paths.selection)
    suspects, suspected, judged = _suspects(seen, unseen_answers(run.paths.models, selection.members))
    worst = worst_answers(seen.y, seen.centred)
    pairs = mixed_up(seen.y, seen.centred, worst)
    mistakes = worst[:MOST_MISTAKES]
    by_class = recognised(seen.y, seen.centred, seen.task.classes, worst)
    contradicted, groups = source.contradictions(MOST_CONTRADICTIONS)
    groups = [group[:PICTURES_PER_CONTRADICTION] for group in groups]
    watched = [*mistakes[:FIRST_MISTAKES], *in_turn(by_class), *mistakes[FIRST_MISTAKES:]]
    answered = {int(seen.rows[place]) for place in [*watched, *(p for _, places in pairs for p in places)]}
    doubted = {*(one.row for one in suspects), *(row for group in groups for row, _ in group)} - answered
    _fetch(seen, answered, looked_at={int(seen.rows[place]) for place in watched})
    seconds = max(_LEAST_SECONDS, _FETCHING * budget.left_s)
    _fetch(seen, doubted, budget=Budget(seconds, run.clock))
    told(0.4)
    looked = _look(seen, watched)
    told(0.6)
    robustness = _strain(seen)
    unfinished: list[Part] = ["answers"] if len(seen.rows) < min(MOST_ROWS, _count(source)) else []
    unfinished += ["gaze"] if len(looked) < len(set(watched)) else []
    unfinished += ["robustness"] if _is_cut_short(robustness) else []
    return PictureFindings(
        image=source.image,
        rows=len(seen.rows),
        mistakes=tuple(_shown(seen, place, looked) for place in mistakes),
        confused=tuple(_pair(seen, mixup, places) for mixup, places in pairs),
        judged=judged,
        suspected=suspected,
        suspects=tuple(_with_picture(seen, suspect) for suspect in suspects),
        robustness=robustness,
        gaze=_gaze(seen, by_class, looked),
        telling=_telling(source),
        contradicted=contradicted,
        contradictions=tuple(_contradiction(seen, group) for group in groups),
        unfinished=tuple(unfinished),
    )


def _answers(
    run: Run, asker: Asker, source: PictureRows, budget: Budget, told: Callable[[float], None]
) -> _Examination:
    """Ask about the test pictures: all of them, or a sample that fits the time."""
    _, _, each = _ask(asker, source, FIRST_ROWS)
    fitting = int(_ASKING * budget.left_s / max(each, 1e-6))
    rows, scores, each = _ask(asker, source, min(MOST_ROWS, max(FIRST_ROWS, fitting)))
    selection = run.read(Selection, run.paths.selection)
    return _Examination(
        task=source.rows.task,
        source=source,
        asker=asker,
        budget=budget,
        seed=run.spec.seed,
        told=told,
        rows=rows,
        y=source.target(rows),
        scores=scores,
        seconds_each=each,
        threshold=selection.threshold.value if selection.threshold else None,
        side=run.usable_plan().picture_side or _USUAL_SIDE,
    )


def _ask(asker: Asker, source: PictureRows, most: int) -> tuple[Rows, Doubles, float]:
    """Return rows and scores of at most `most` test pictures, and the seconds that one takes."""
    rows: list[int] = []
    parts: list[Doubles] = [np.empty((0, source.rows.task.outputs))]
    marks = [(time.perf_counter(), 0)]
    for batch in source.files(source.listed(source.rows.query(limit=most)).tolist()):
        rows += [row for row, _ in batch]
        parts.append(asker.files([content for _, content in batch]))
        marks.append((time.perf_counter(), len(rows)))
    # The first batch also pays for finding the rows and for a model that runs for the first time.
    (start, before), (end, after) = marks[1 if len(marks) > 2 else 0], marks[-1]
    return np.array(rows, dtype=np.int64), np.concatenate(parts), (end - start) / max(1, after - before)


def _count(source: PictureRows) -> int:
    return len(source.listed(source.rows.query()))


def _suspects(
    seen: _Examination, unseen: tuple[Rows, Doubles, Doubles]
) -> tuple[list[LabelSuspect], int, int]:
    """Doubtful labels among all pictures that no model learned from; how many in all; how many were judged."""
    classes = seen.task.classes
    if not classes:
        return [], 0, 0
    rows, y, scores = (
        np.concatenate(pair) for pair in zip(unseen, (seen.rows, seen.y, seen.scores), strict=True)
    )
    valid = len(unseen[0])
    doubted = doubted_labels(y, scores)
    listed = [
        LabelSuspect(
            row=int(rows[one.place]),
            path="",
            held_in="valid" if one.place < valid else "test",
            given=classes[int(y[one.place])],
            suggested=classes[one.suggested],
            given_score=_short(scores[one.place, int(y[one.place])]),
            score=_short(scores[one.place, one.suggested]),
        )
        for one in doubted[:MOST_SUSPECTS]
    ]
    return listed, len(doubted), len(rows)


def _fetch(
    seen: _Examination, rows: Iterable[int], *, looked_at: Iterable[int] = (), budget: Budget | None = None
) -> None:
    """Read the pictures that are shown: small ones for people, pixels of those that are looked at closely.

    budget: ends the reading; names are read of all.
    """
    wanted, closely = sorted(set(rows)), set(looked_at)
    seen.names |= seen.source.names(wanted)
    for batch in seen.source.files(wanted):
        for row, content in batch:
            if budget is not None and budget.is_spent:
                return
            seen.thumbnails[row] = shown(content)
            if row in closely:
                seen.pixels[row] = small_pixels(content, seen.side)


def _look(seen: _Examination, places: Sequence[int]) -> dict[int, Looked]:
    """Row → where the model looks in it, for as many as their share of the time left allows."""
    answered = seen.centred.argmax(axis=1)
    asked = [
        (int(seen.rows[place]), seen.pixels[int(seen.rows[place])], int(answered[place]))
        for place in dict.fromkeys(places)
        if int(seen.rows[place]) in seen.pixels
    ]
    budget = Budget(_LOOKING * seen.budget.left_s, lambda: -seen.budget.left_s)
    return look(seen.asker, asked, budget, lambda share: seen.told(0.4 + 0.2 * share))


def _strain(seen: _Examination) -> Robustness | None:
    answers = seen.budget.left_s / max(seen.seconds_each, 1e-6)
    # Few pictures in three strengths tell less than more of them in one.
    fitting = int(answers / _ALL_STRAINS) if answers >= 100 * _ALL_STRAINS else int(answers / _ONE_STRENGTH)
    wanted = seen.source.listed(seen.source.rows.query(limit=min(MOST_STRAINED, max(0, fitting))))
    held = [
        (row, small_pixels(content, seen.side))
        for batch in seen.source.files(wanted.tolist())
        for row, content in batch
    ]
    return strain(
        seen.asker,
        [pixels for _, pixels in held],
        seen.source.target(np.array([row for row, _ in held], dtype=np.int64)),
        at(metric("accuracy" if seen.task.classes else seen.task.metric), seen.threshold),
        budget=seen.budget,
        seed=seen.seed,
        told=lambda share: seen.told(0.6 + 0.4 * share),
    )


def _is_cut_short(found: Robustness | None) -> bool:
    return found is None or any(score is None for one in found.strains for score in one.scores)


def _gaze(
    seen: _Examination, by_class: Mapping[str, Sequence[int]], looked: Mapping[int, Looked]
) -> Gaze | None:
    by_row = {label: [int(seen.rows[p]) for p in places] for label, places in by_class.items()}
    examples = {
        int(seen.rows[places[0]]): _shown(seen, places[0], looked) for places in by_class.values() if places
    }
    return mean_gaze(looked, by_row, examples)


def _telling(source: PictureRows) -> tuple[Telling, ...]:
    """What each measured column tells alone, most first."""
    learned, y = source.measured(("train", "valid"), MEASURED_ROWS)
    asked, truth = source.measured(("test",), MEASURED_ROWS)
    classes = len(source.rows.task.classes)
    found = []
    for column, values in learned.items():
        told = tell_alone((values, y), (asked[column], truth), classes=classes)
        found.append(
            Telling(column=column, skill=_short(told.skill), score=told.score, guessing=told.guessing)
        )
    return tuple(sorted(found, key=lambda one: -one.skill))


def _shown(seen: _Examination, place: int, looked: Mapping[int, Looked]) -> ShownPicture:
    row, classes, scores = int(seen.rows[place]), seen.task.classes, seen.scores[place]
    best = np.argsort(-centred(scores[None, :], seen.threshold)[0], kind="stable")[:TOP].tolist()
    heat = looked[row].heat if row in looked else None
    return ShownPicture(
        row=row,
        path=seen.names.get(row, ""),
        truth=classes[int(seen.y[place])] if classes else figure(float(seen.y[place])),
        answered=classes[best[0]] if classes else figure(float(scores[0])),
        score=_short(scores[best[0]]),
        top=tuple((classes[k], _short(scores[k])) for k in best) if classes else (),
        thumbnail=seen.thumbnails.get(row, ""),
        heat=heat_of(heat) if heat is not None else (),
    )


def _pair(seen: _Examination, mixup: Mixup, places: Sequence[int]) -> ConfusedPair:
    return ConfusedPair(
        actual=seen.task.classes[mixup.actual],
        answered=seen.task.classes[mixup.answered],
        rows=mixup.rows,
        back=mixup.back,
        of=mixup.of,
        either=mixup.either,
        expected=mixup.expected,
        pictures=tuple(_shown(seen, place, {}) for place in places),
    )


def _with_picture(seen: _Examination, suspect: LabelSuspect) -> LabelSuspect:
    return LabelSuspect(
        row=suspect.row,
        path=seen.names.get(suspect.row, ""),
        held_in=suspect.held_in,
        given=suspect.given,
        suggested=suspect.suggested,
        given_score=suspect.given_score,
        score=suspect.score,
        thumbnail=seen.thumbnails.get(suspect.row, ""),
    )


def _contradiction(seen: _Examination, group: Sequence[tuple[int, str]]) -> Contradiction:
    return Contradiction(
        pictures=tuple(
            (row, seen.names.get(row, ""), label, seen.thumbnails.get(row, "")) for row, label in group
        )
    )


def _short(value: float) -> float:
    return float(f"{float(value):.4g}")
