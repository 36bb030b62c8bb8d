"""The trials of a search by what became of them, as the ledger has them, and what they say of one another."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from engine.search.ledger import Ledger, latest
from engine.search.pruning import Contest, Steps, first_rung, is_judged, should_prune
from engine.specs.search import SPENT, SearchSpec, TrialRecord
from engine.specs.training import Candidate


class Book:
    """Every trial's latest fact, and what was learnt elsewhere.   loss: makes a score something to make small."""

    def __init__(self, ledger: Ledger, loss: Callable[[float | None], float]) -> None:
        self._ledger, self._loss = ledger, loss
        self._latest = latest(ledger.records())
        self._learnt: list[TrialRecord] = []
        self._order = len(ledger.records())

    def note(self, record: TrialRecord) -> None:
        """Write a fact down for good before anybody is told."""
        self._ledger.append(record)
        self._latest[record.number] = record

    def learn(self, candidate: Candidate, score: float, steps: Steps) -> None:
        """Take down a model that was trained elsewhere; it is no trial."""
        learnt = TrialRecord(
            number=-1, candidate=candidate, state="complete", score=score, steps=tuple(steps)
        )
        self._learnt.append(learnt)

    def starts(self) -> dict[int, int]:
        """Return number → how often the trial was started, in all attempts."""
        counts: dict[int, int] = {}
        for fact in self._ledger.records():
            counts[fact.number] = counts.get(fact.number, 0) + (fact.state == "running")
        return counts

    def has(self, number: int) -> bool:
        """Whether a trial of this number was ever started."""
        return number in self._latest

    def next_number(self) -> int:
        """Return the number after the highest."""
        return max([-1, *self._latest]) + 1

    def next_order(self) -> int:
        """Return which start, of all that ever were, the next one is."""
        self._order += 1
        return self._order

    @property
    def records(self) -> tuple[TrialRecord, ...]:
        """The latest fact about each trial, by number."""
        return tuple(self._latest[number] for number in sorted(self._latest))

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
        """How many trials were spent since the score last got better, or than what was learnt elsewhere."""
        best = min((self._loss(one.score) for one in self._learnt), default=math.inf)
        count = 0
        for record in sorted(self.spent, key=lambda record: record.order):
            if record.score is not None and self._loss(record.score) < best:
                best, count = self._loss(record.score), 0
            else:
                count += 1
        return count

    def is_hopeless(
        self, record: TrialRecord, steps: Steps, spec: SearchSpec, running: Mapping[int, Steps]
    ) -> bool:
        """Compare a trial that has just reported with the others of its family.

        steps: its own, in the direction of the score.   running: number → steps of every trial that runs now.
        """
        family = record.candidate.family
        alike = [
            one
            for one in (*self._learnt, *self._latest.values())
            if one.candidate.family == family and one.number != record.number
        ]
        finished = [one.steps for one in alike if one.state == "complete"]
        first = first_rung(spec, finished)
        if first is None or not is_judged(spec, record.number, first, steps):
            return False
        others = [running.get(one.number, one.steps) for one in alike if one.state in ("running", "pruned")]
        contest = Contest(
            spec=spec,
            number=record.number,
            first=first,
            own=self._upright(steps),
            others=[self._upright(one) for one in others],
            finished=[self._upright(one) for one in finished],
        )
        return should_prune(contest)

    def _upright(self, steps: Steps) -> Sequence[tuple[int, float]]:
        return [(step, -self._loss(value)) for step, value in steps]
