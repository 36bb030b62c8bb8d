"""Trials as candidates of a run's training: proposed one by one while time is left, each trained as any other."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from engine.evaluation.metrics import metric
from engine.families import family
from engine.families.base import Budget, DataShape, Pruned
from engine.files import write_json
from engine.search.findings import find
from engine.search.ledger import Ledger
from engine.search.pruning import is_passed_over
from engine.search.samplers import Exhausted
from engine.search.study import Study, Trial
from engine.specs.codec import to_json
from engine.specs.features import ViewName
from engine.specs.search import SearchSpec, TrialRecord
from engine.specs.training import Candidate, ModelRecord
from engine.training.train import Scheme, train

OnEvent = Callable[[dict[str, Any]], None]

LEDGER, FINDINGS = "ledger.jsonl", "findings.json"
#: So many failures in a row, and none that worked between them, say that the next would fail too.
_MOST_FAILURES = 10


class Trials:
    """A search that a training draws candidates from, one at a time.

    clock: seconds, monotonic.   on_event: told of "trial_started", "trial_finished", "trial_pruned", "trial_failed".
    """

    def __init__(self, study: Study, clock: Callable[[], float], on_event: OnEvent) -> None:
        self._study, self._clock, self._tell = study, clock, on_event
        self._running: dict[str, tuple[Trial, float]] = {}
        self._failures = 0
        self._first_folds: list[tuple[str, float]] = []

    def kept(self) -> tuple[Candidate, ...]:
        """Return the candidates of earlier attempts' complete trials: their models are on disk."""
        return tuple(record.candidate for record in self._study.spent if record.state == "complete")

    def learn(self, records: Sequence[ModelRecord]) -> None:
        """Begin with what finished models tell; models of earlier trials are known from the ledger."""
        own = {record.candidate.id for record in self._study.records}
        for record in records:
            if record.candidate.id not in own:
                self._study.learn(record.candidate, record.score, self._steps(record))
            if record.fold_scores:
                self._first_folds.append((record.candidate.family, record.fold_scores[0]))

    def next(self, allowed_s: float) -> Candidate | None:
        """Return the next candidate to train; None when the search is over.   allowed_s: seconds it would have."""
        if self._is_over(allowed_s):
            return None
        try:
            trial = self._study.ask()
        except Exhausted:
            return None
        self._running[trial.candidate.id] = (trial, self._clock())
        self._say("trial_started", trial.record)
        return trial.candidate

    def hear(self, event: dict[str, Any]) -> None:
        """Pass an event of the training on; the loss in a trial's progress may end it.   Raises: Pruned."""
        self._tell(event)
        running = self._running.get(event.get("candidate", ""))
        loss = event.get("valid")
        if running is None or event["event"] != "model_progress" or loss is None or event.get("fold", 1) != 1:
            return
        trial, _ = running
        running[0].report(self._step(trial.candidate, event["within"]), self._upright(loss))

    def is_promising(self, tried: ModelRecord) -> bool:
        """Say whether the first fold puts a candidate among the best of its family, so that the others are worth it.

        One in `reduction` goes on, as at every rung; without a pruner all do.
        """
        name, own = tried.candidate.family, self._study.loss(tried.score)
        rivals = [self._study.loss(score) for family, score in self._first_folds if family == name]
        self._first_folds.append((name, tried.score))
        spec = self._study.spec
        if spec.pruner == "none":
            return True
        return not is_passed_over(-own, [-loss for loss in rivals], spec.reduction)

    def ended(self, candidate: Candidate, outcome: ModelRecord | Exception) -> None:
        """Note what came of a candidate; of one that is no trial nothing is noted."""
        running = self._running.pop(candidate.id, None)
        if running is None:
            return
        trial, started = running
        seconds = self._clock() - started
        if isinstance(outcome, ModelRecord):
            record = self._study.tell(trial, outcome.score, seconds)
        elif isinstance(outcome, Pruned):
            record = self._study.tell_pruned(trial, seconds)
        else:
            record = self._study.tell_failed(trial, f"{type(outcome).__name__}: {outcome}"[:300], seconds)
        self._failures = self._failures + 1 if record.state == "failed" else 0
        self._say("trial_finished" if record.state == "complete" else f"trial_{record.state}", record)

    def _is_over(self, allowed_s: float) -> bool:
        spec, spent = self._study.spec, self._study.spent
        seconds = [record.seconds for record in spent if record.state == "complete"]
        return (
            (spec.trials is not None and len(spent) >= spec.trials)
            or (spec.patience is not None and self._study.without_gain >= spec.patience)
            or (spec.seconds is not None and sum(record.seconds for record in spent) >= spec.seconds)
            or self._failures >= _MOST_FAILURES
            # A model that would be cut short says little about its params.
            or (bool(seconds) and allowed_s < statistics.median(seconds))
        )

    def _steps(self, record: ModelRecord) -> list[tuple[int, float]]:
        return [
            (round(step), self._upright(valid))
            for step, _, valid in record.curve
            if round(step) >= 1 and math.isfinite(valid)
        ]

    def _step(self, candidate: Candidate, within: float) -> int:
        """Return the round or pass after which so large a share of a training is done."""
        counted = family(candidate.family).steps
        return max(1, round(within * candidate.params.get(counted, 1000)))

    def _upright(self, loss: float) -> float:
        return -loss if self._study.greater_is_better else loss

    def _say(self, name: str, record: TrialRecord) -> None:
        best = self._study.best
        facts: Mapping[str, Any] = {
            "candidate": record.candidate.id,
            "family": record.candidate.family,
            "trial": record.number,
            "best": best.score if best is not None else None,
        }
        ended = {"score": record.score, "seconds": record.seconds, "reason": record.reason}
        self._tell({"event": name, **facts, **(ended if name != "trial_started" else {})})


def train_searching(
    spec: SearchSpec,
    candidates: Sequence[Candidate],
    shapes: Mapping[ViewName, DataShape],
    scheme: Scheme,
    budget: Budget,
    on_event: OnEvent,
    folder: Path,
) -> tuple[ModelRecord, ...]:
    """Train `candidates`, then go on with trials of the candidates' families while time is left; see `train`.

    shapes: of the training rows, by view.   folder: gets the ledger and what was found out.
    """
    shop = scheme.workshop
    names = spec.families or tuple(dict.fromkeys(candidate.family for candidate in candidates))
    families = [family(name) for name in names]
    searched = [
        one for one in families if not one.is_yardstick and any(param.searched for param in one.params)
    ]
    if not searched and spec.families is None:
        return train(candidates, scheme, budget, on_event)
    greater = metric(shop.task.metric).greater_is_better
    with Ledger(folder / LEDGER) as ledger:
        study = Study(spec, searched or families, shapes, ledger, greater_is_better=greater)
        trials = Trials(study, shop.clock, on_event)
        records = train((*candidates, *trials.kept()), scheme, budget, on_event, trials)
        write_json(folder / FINDINGS, to_json(find(study)))
    return records
