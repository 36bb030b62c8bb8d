"""One search: asks for the next trial, is told what came of it, and forgets nothing that was told.

The ledger is the truth; Optuna's study lives in memory and is rebuilt from it. Safe to use from several threads.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import optuna

from engine.families.base import DataShape, Family, Pruned
from engine.search.ledger import Ledger, latest
from engine.search.pruning import Contest, Steps, first_rung, is_judged, should_prune
from engine.search.samplers import Exhausted, Turn, optuna_sampler, own_point
from engine.search.space import FAMILY, Space, Values
from engine.specs.search import SPENT, SearchSpec, TrialRecord, TrialState
from engine.specs.training import Candidate
from engine.words import words

#: A trial that was running this often when its process ended is told as failed: it may be what ends it.
_MOST_STARTS = 5
#: Proposals for one trial that may be duplicates or refused; small spaces are used up by then.
_MOST_PROPOSALS = 200

optuna.logging.set_verbosity(optuna.logging.WARNING)


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
    trial: Trial
    asked: optuna.Trial
    steps: list[tuple[int, float]]


class Study:
    """A search over families.   space: what is searched.   greater_is_better: of the score and of reported values."""

    def __init__(
        self,
        spec: SearchSpec,
        families: Sequence[Family],
        shapes: Mapping[str, DataShape],
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
        self._ledger = ledger
        self._lock = threading.RLock()
        self._optuna = optuna.create_study(direction="maximize" if greater_is_better else "minimize")
        self._records: dict[int, TrialRecord] = {}
        self._running: dict[int, _Running] = {}
        self._known: list[tuple[Values, float]] = []
        self._refused: list[Values] = []
        self._learnt: list[TrialRecord] = []
        self._keys: set[str] = set()
        self._waiting: list[TrialRecord] = []
        self._stopping = False
        self._order = len(ledger.records())
        self._recall()
        self._wait_for(start)

    @property
    def records(self) -> tuple[TrialRecord, ...]:
        """The latest fact about each trial, by number."""
        with self._lock:
            return tuple(self._records[number] for number in sorted(self._records))

    @property
    def spent(self) -> tuple[TrialRecord, ...]:
        """The trials that count against a budget: complete, pruned or failed."""
        return tuple(record for record in self.records if record.state in SPENT)

    @property
    def best(self) -> TrialRecord | None:
        """The complete trial with the best score, the earliest among equals."""
        found = [record for record in self.records if record.score is not None]
        return min(found, key=lambda record: self._loss(record.score), default=None)

    @property
    def without_gain(self) -> int:
        """How many trials were spent since the score last got better."""
        best = min((self._loss(one.score) for one in self._learnt), default=math.inf)
        count = 0
        for record in sorted(self.spent, key=lambda record: record.order):
            if record.score is not None and self._loss(record.score) < best:
                best, count = self._loss(record.score), 0
            else:
                count += 1
        return count

    def learn(self, candidate: Candidate, score: float, steps: Steps = ()) -> bool:
        """Take a model into account that was trained elsewhere: it guides the sampler and is not trained again.

        steps: (step, value) while it was trained, as `Trial.report` would have told.
        Returns: whether it lies inside the space; outside, it only sets the score to beat.
        """
        with self._lock:
            key = self.space.key(candidate)
            self._learnt.append(
                TrialRecord(number=-1, candidate=candidate, state="complete", score=score, steps=tuple(steps))
            )
            self._keys.add(key)
            self._waiting = [
                one
                for one in self._waiting
                if one.number in self._records or self.space.key(one.candidate) != key
            ]
            drawn = self.space.drawn(candidate)
            if drawn is None or not math.isfinite(score):
                return False
            self._remember(drawn, "complete", score, steps)
            return True

    def ask(self, lane: str = "") -> Trial:
        """Return the next trial to train.   lane: the device it will run on.

        Raises: Exhausted when there is nothing left to try.
        """
        with self._lock:
            if self._waiting:
                record = self._waiting.pop(0)
                return self._begin(self._enqueue(record.candidate), record, lane)
            number, attempt = max([-1, *self._records]) + 1, 0
            for _ in range(_MOST_PROPOSALS):
                asked, drawn = self._draw(number, attempt)
                candidate = self.space.candidate(number, drawn)
                key = self.space.key(candidate)
                if key in self._keys:
                    self._optuna.tell(asked, state=optuna.trial.TrialState.FAIL)
                    attempt += 1
                    continue
                refusal = self.space.refusal(candidate)
                record = TrialRecord(
                    number=number, candidate=candidate, state="running", reason=refusal or ""
                )
                if refusal is None:
                    return self._begin(asked, record, lane)
                self._keys.add(key)
                self._refuse(asked, record, drawn)
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
            contest = self._contest(trial.record, steps)
            if contest is not None and should_prune(contest):
                raise Pruned(f"Trial {trial.number} is not worth finishing after step {step}.")

    def stop(self) -> None:
        """Make every running trial end at its next report; they are tried again when the search goes on."""
        with self._lock:
            self._stopping = True

    @property
    def is_stopping(self) -> bool:
        """Whether `stop` was called: a trial that ends now was not judged."""
        return self._stopping

    def _recall(self) -> None:
        """Rebuild Optuna's study; trials that were running wait to be tried again."""
        facts = self._ledger.records()
        starts: dict[int, int] = {}
        for fact in facts:
            starts[fact.number] = starts.get(fact.number, 0) + (fact.state == "running")
        for number, record in latest(facts).items():
            self._keys.add(self.space.key(record.candidate))
            self._records[number] = record
            if record.state != "running":
                drawn = self.space.drawn(record.candidate)
                if drawn is not None:
                    self._remember(drawn, record.state, record.score, record.steps)
            elif starts[number] < _MOST_STARTS and record.candidate.family in self.space.rooms:
                self._waiting.append(record)
            else:
                reason = words("The process ended {count} times while it was trained.", count=starts[number])
                self._note(replace(record, state="failed", reason=reason))

    def _wait_for(self, start: Sequence[Candidate]) -> None:
        number = max([-1, *self._records])
        for candidate in start:
            key = self.space.key(candidate)
            if key in self._keys or self.space.drawn(candidate) is None or self.space.refusal(candidate):
                continue
            number += 1
            own = replace(candidate, id=f"{candidate.family}-t{number}")
            self._keys.add(key)
            self._waiting.append(TrialRecord(number=number, candidate=own, state="running"))

    def _draw(self, number: int, attempt: int) -> tuple[optuna.Trial, Values]:
        # What cannot be trained counts as bad as the worst of what can: a model of the scores keeps away from it.
        worst = max((loss for _, loss in self._known), default=0.0)
        known = [*self._known, *((drawn, worst) for drawn in self._refused)]
        turn = Turn(
            number=number,
            attempt=attempt,
            known=known,
            taken=self._is_taken,
            families=len(self.space.families),
        )
        drawn = own_point(self.space, self.spec, turn)
        if drawn is not None:
            self._optuna.enqueue_trial(dict(drawn))
        self._optuna.sampler = optuna_sampler(self.spec, turn)
        asked = self._optuna.ask()
        return asked, self.space.draw(asked)

    def _is_taken(self, drawn: Values) -> bool:
        return self.space.key(self.space.candidate(0, drawn)) in self._keys

    def _enqueue(self, candidate: Candidate) -> optuna.Trial:
        drawn = self.space.drawn(candidate)
        # Values outside a range that was narrowed since are tried again all the same, but teach Optuna nothing.
        self._optuna.enqueue_trial(dict(drawn) if drawn is not None else {FAMILY: candidate.family})
        asked = self._optuna.ask()
        if drawn is not None:
            self.space.draw(asked)
        return asked

    def _begin(self, asked: optuna.Trial, record: TrialRecord, lane: str) -> Trial:
        self._order += 1
        record = replace(record, lane=lane, order=self._order)
        self._keys.add(self.space.key(record.candidate))
        self._note(record)
        trial = Trial(study=self, record=record)
        self._running[record.number] = _Running(trial, asked, [])
        return trial

    def _refuse(self, asked: optuna.Trial, record: TrialRecord, drawn: Values) -> None:
        """Tell Optuna that a configuration cannot be: it costs no trial, and its surroundings are avoided."""
        self._refused.append(drawn)
        asked.set_constraint("refused", 1.0)
        self._optuna.tell(asked, state=optuna.trial.TrialState.PRUNED)
        self._order += 1
        self._note(replace(record, state="refused", order=self._order))

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
            self._note(record)
            del self._running[trial.number]
            for step, value in running.steps:
                running.asked.report(value, step)
            self._optuna.tell(running.asked, score, state=_OPTUNA_STATES[state])
            drawn = self.space.drawn(record.candidate)
            if score is not None and drawn is not None:
                self._known.append((drawn, self._loss(score)))
            return record

    def _note(self, record: TrialRecord) -> None:
        self._ledger.append(record)
        self._records[record.number] = record

    def _remember(
        self,
        drawn: Values,
        state: TrialState,
        score: float | None,
        steps: Sequence[tuple[int, float]] = (),
    ) -> None:
        """Give Optuna a trial that ended before this process began."""
        self._optuna.add_trial(
            optuna.trial.create_trial(
                state=_OPTUNA_STATES[state],
                value=score,
                params=dict(drawn),
                distributions=self.space.distributions(drawn),
                intermediate_values=dict(steps),
                constraints={"refused": 1.0} if state == "refused" else None,
            )
        )
        if score is not None:
            self._known.append((drawn, self._loss(score)))
        elif state == "refused":
            self._refused.append(drawn)

    def _contest(self, record: TrialRecord, steps: list[tuple[int, float]]) -> Contest | None:
        """Return the trial among those of its family; None where its last report is not judged."""
        family = record.candidate.family
        alike = [
            one
            for one in (*self._learnt, *self._records.values())
            if one.candidate.family == family and one.number != record.number
        ]
        finished = [one.steps for one in alike if one.state == "complete"]
        first = first_rung(self.spec, finished)
        if first is None or not is_judged(self.spec, record.number, first, steps):
            return None
        others = [
            self._running[one.number].steps if one.number in self._running else one.steps
            for one in alike
            if one.state in ("running", "pruned")
        ]
        return Contest(
            spec=self.spec,
            number=record.number,
            first=first,
            own=self._upright(steps),
            others=[self._upright(one) for one in others],
            finished=[self._upright(one) for one in finished],
        )

    def _upright(self, steps: Steps) -> Steps:
        return steps if self.greater_is_better else [(step, -value) for step, value in steps]

    def _loss(self, score: float | None) -> float:
        if score is None:
            return math.inf
        return -score if self.greater_is_better else score


_OPTUNA_STATES: Mapping[TrialState, optuna.trial.TrialState] = {
    "running": optuna.trial.TrialState.RUNNING,
    "complete": optuna.trial.TrialState.COMPLETE,
    "pruned": optuna.trial.TrialState.PRUNED,
    "failed": optuna.trial.TrialState.FAIL,
    "refused": optuna.trial.TrialState.PRUNED,
}
