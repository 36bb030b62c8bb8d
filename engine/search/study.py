"""One search: asks for the next trial, is told what came of it, and forgets nothing that was told.

The ledger is the truth; Optuna's study lives in memory and is rebuilt from it. Safe to use from several threads.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import optuna

from engine.families.base import DataShape, Family, Pruned
from engine.search.book import Book
from engine.search.ledger import Ledger
from engine.search.memory import Memory
from engine.search.pruning import Steps
from engine.search.samplers import Exhausted
from engine.search.space import Space, Values
from engine.specs.features import ViewName
from engine.specs.search import SearchSpec, TrialRecord, TrialState
from engine.specs.training import Candidate
from engine.words import words

#: A trial that was running this often when its process ended is told as failed: it may be what ends it.
_MOST_STARTS = 5
#: Proposals for one trial that may be duplicates or refused; small spaces are used up by then.
_MOST_PROPOSALS = 200


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One model to train, asked of a study.   record: what the ledger says of it since it started."""

    study: Study
    record: TrialRecord

    @property
    def number(self) -> int:
        return self.record.number

    @property
    def candidate(self) -> Candidate:
        return self.record.candidate

    def report(self, step: int, value: float) -> None:
        """Tell how good the trial is after `step` (rising, from 1), in the direction of the score; NaN tells nothing.

        Raises: Pruned when it is not worth finishing, or when the search is being stopped.
        """
        self.study.report(self, step, value)


@dataclass
class _Running:
    asked: optuna.Trial
    steps: list[tuple[int, float]] = field(default_factory=list)


class Study:
    """A search over families.   space: what is searched.   greater_is_better: of the score and of reported values."""

    def __init__(
        self,
        spec: SearchSpec,
        families: Sequence[Family],
        shapes: Mapping[ViewName, DataShape],
        ledger: Ledger,
        *,
        greater_is_better: bool,
        start: Sequence[Candidate] = (),
    ) -> None:
        """Rebuild the search from its ledger.

        shapes: of the training data, by view.
        start: candidates to try first; those outside the space, or tried before, are left out.
        Raises: InvalidSpec when the spec's ranges do not fit the families.
        """
        self.spec = spec
        self.space = Space(spec, families, shapes)
        self.greater_is_better = greater_is_better
        self._memory = Memory(spec, self.space, greater_is_better)
        self._lock = threading.RLock()
        self._book = Book(ledger, self._memory.loss)
        self._running: dict[int, _Running] = {}
        self._keys: set[str] = set()
        self._waiting: list[TrialRecord] = []
        self._stopping = False
        self._recall()
        self._wait_for(start)

    @property
    def records(self) -> tuple[TrialRecord, ...]:
        """The latest fact about each trial, by number."""
        with self._lock:
            return self._book.records

    @property
    def spent(self) -> tuple[TrialRecord, ...]:
        """The trials that count against a budget: complete, pruned or failed."""
        with self._lock:
            return self._book.spent

    @property
    def best(self) -> TrialRecord | None:
        """The complete trial with the best score, the earliest among equals."""
        with self._lock:
            return self._book.best

    @property
    def without_gain(self) -> int:
        """How many trials were spent since the score last got better, or than what was learnt elsewhere."""
        with self._lock:
            return self._book.without_gain

    def loss(self, score: float) -> float:
        """Return a score as something to make small."""
        return self._memory.loss(score)

    def learn(self, candidate: Candidate, score: float, steps: Steps = ()) -> bool:
        """Take a model into account that was trained elsewhere: it guides the sampler and is not trained again.

        steps: (step, value) while it was trained, as `Trial.report` would have told.
        Returns: whether it lies inside the space; outside, it only sets the score to beat.
        """
        with self._lock:
            key = self.space.key(candidate)
            self._book.learn(candidate, score, steps)
            self._keys.add(key)
            self._waiting = [
                one
                for one in self._waiting
                if self._book.has(one.number) or self.space.key(one.candidate) != key
            ]
            return math.isfinite(score) and self._memory.remember(candidate, "complete", score, steps)

    def ask(self, lane: str = "") -> Trial:
        """Return the next trial to train.   lane: the device it will run on.

        Raises: Exhausted when there is nothing left to try.
        """
        with self._lock:
            if self._waiting:
                record = self._waiting.pop(0)
                return self._begin(self._memory.ask_for(record.candidate), record, lane)
            number, attempt = self._book.next_number(), 0
            for _ in range(_MOST_PROPOSALS):
                asked, drawn = self._memory.draw(number, attempt, self._is_taken)
                candidate = self.space.candidate(number, drawn)
                key = self.space.key(candidate)
                if key in self._keys:
                    self._memory.drop(asked)
                    attempt += 1
                    continue
                refusal = self.space.refusal(candidate)
                record = TrialRecord(
                    number=number, candidate=candidate, state="running", reason=refusal or ""
                )
                if refusal is None:
                    return self._begin(asked, record, lane)
                self._keys.add(key)
                self._memory.refuse(asked, drawn)
                self._book.note(replace(record, state="refused", order=self._book.next_order()))
                number, attempt = number + 1, 0
            raise Exhausted(
                f"{_MOST_PROPOSALS} proposals in a row had been tried before or cannot be trained."
            )

    def tell(self, trial: Trial, score: float, seconds: float = 0.0) -> TrialRecord:
        """Note that a trial was trained to its end.   score: one that is no finite number makes it a failed trial."""
        if not math.isfinite(score):
            return self.tell_failed(
                trial, words("Its score is no number: {score}.", score=str(score)), seconds
            )
        return self._end(trial, "complete", float(score), seconds, "")

    def tell_pruned(self, trial: Trial, seconds: float = 0.0) -> TrialRecord:
        """Note that a trial was ended because it was not worth finishing."""
        steps = self._running[trial.number].steps
        reason = words("Not worth finishing after step {step}.", step=steps[-1][0] if steps else 0)
        return self._end(trial, "pruned", None, seconds, reason)

    def tell_failed(self, trial: Trial, reason: str, seconds: float = 0.0) -> TrialRecord:
        """Note that a trial could not be trained."""
        return self._end(trial, "failed", None, seconds, reason)

    def report(self, trial: Trial, step: int, value: float) -> None:
        """See `Trial.report`."""
        with self._lock:
            if self._stopping:
                raise Pruned(f"The search is being stopped: trial {trial.number} ends.")
            steps = self._running[trial.number].steps
            if not math.isfinite(value) or (steps and step <= steps[-1][0]):
                return
            steps.append((step, float(value)))
            running = {number: one.steps for number, one in self._running.items()}
            if self._book.is_hopeless(trial.record, steps, self.spec, running):
                raise Pruned(f"Trial {trial.number} is not worth finishing after step {step}.")

    def stop(self) -> None:
        """Make every running trial end at its next report; they are tried again when the search goes on."""
        with self._lock:
            self._stopping = True

    def _recall(self) -> None:
        """Rebuild Optuna's study; trials that were running wait to be tried again."""
        starts = self._book.starts()
        for record in self._book.records:
            number = record.number
            self._keys.add(self.space.key(record.candidate))
            if record.state != "running":
                self._memory.remember(record.candidate, record.state, record.score, record.steps)
            elif starts[number] < _MOST_STARTS and record.candidate.family in self.space.rooms:
                self._waiting.append(record)
            else:
                reason = words("The process ended {count} times while it was trained.", count=starts[number])
                self._book.note(replace(record, state="failed", reason=reason))

    def _wait_for(self, start: Sequence[Candidate]) -> None:
        number = self._book.next_number() - 1
        for candidate in start:
            key = self.space.key(candidate)
            if key in self._keys or self.space.drawn(candidate) is None or self.space.refusal(candidate):
                continue
            number += 1
            own = replace(candidate, id=f"{candidate.family}-t{number}")
            self._keys.add(key)
            self._waiting.append(TrialRecord(number=number, candidate=own, state="running"))

    def _is_taken(self, drawn: Values) -> bool:
        return self.space.key(self.space.candidate(0, drawn)) in self._keys

    def _begin(self, asked: optuna.Trial, record: TrialRecord, lane: str) -> Trial:
        record = replace(record, lane=lane, order=self._book.next_order())
        self._keys.add(self.space.key(record.candidate))
        self._book.note(record)
        self._running[record.number] = _Running(asked)
        return Trial(study=self, record=record)

    def _end(
        self, trial: Trial, state: TrialState, score: float | None, seconds: float, reason: str
    ) -> TrialRecord:
        with self._lock:
            running = self._running[trial.number]
            record = replace(
                trial.record,
                state=state,
                score=score,
                steps=tuple(running.steps),
                seconds=round(seconds, 3),
                reason=reason,
            )
            self._book.note(record)
            del self._running[trial.number]
            self._memory.end(running.asked, record)
            return record
