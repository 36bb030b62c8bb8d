"""Train candidates within the wall clock: try out many, finish the most promising; each is on disk at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from engine.errors import WorkFailed
from engine.evaluation.metrics import metric
from engine.families import family
from engine.families.base import Budget
from engine.specs.training import Candidate, ModelRecord
from engine.training.workshop import LIBRARY_ERRORS, OnEvent, Workshop, model_event, read_record

#: Seconds below which nothing but the first models is started.
_LEAST_S = 1.0
#: What others are compared with may take this share of the time left: it seldom wins.
_YARDSTICK_SHARE = 0.15
#: So many of the best tried ones must still fit into the time before another candidate is tried.
_KEEP_TIME_FOR = 3
_TIME_OVER = "The time for training is over."


class Scheme(Protocol):
    """How one candidate is judged: at once (`holdout.Holdout`), or on a first fold and then on all (`bag.Bag`)."""

    workshop: Workshop

    def share(self, waiting: int) -> float:
        """Return which share of the time left trying the next candidate may take.   waiting: candidates after it."""

    def try_out(self, candidate: Candidate, budget: Budget, on_event: OnEvent) -> ModelRecord:
        """Train the candidate once; return a record by which it can be compared with others tried so."""

    def cost_s(self, tried: ModelRecord) -> float:
        """Return the seconds that finishing it takes, 0 when trying it was all."""

    def finish(self, tried: ModelRecord, budget: Budget, on_event: OnEvent) -> ModelRecord:
        """Train what is left to train, publish the candidate's folder and return its record."""


def train(
    candidates: Sequence[Candidate], scheme: Scheme, budget: Budget, on_event: OnEvent
) -> tuple[ModelRecord, ...]:
    """Train the candidates there is time for.

    A candidate is tried out as long as the three best tried so far can still be finished afterwards; then the best of
    each family are finished, then the rest. A finished model is not trained again. One that fails is reported.
    Returns: the records of all finished models, in the order of `candidates`.
    Raises:  WorkFailed when not a single model could be trained.
    """
    training = _Training(candidates, scheme, budget, on_event)
    while training.moves():
        pass
    return training.end()


class _Training:
    """The candidates by what became of them: untried, tried, finished."""

    def __init__(
        self, candidates: Sequence[Candidate], scheme: Scheme, budget: Budget, on_event: OnEvent
    ) -> None:
        self._order = {candidate.id: place for place, candidate in enumerate(candidates)}
        self._scheme, self._budget, self._tell = scheme, budget, on_event
        self._deciding = metric(scheme.workshop.task.metric)
        self._untried = list(candidates)
        self._tried: list[ModelRecord] = []
        self._finished: list[ModelRecord] = []
        self._failures: list[str] = []
        for candidate in candidates:
            self._recall(candidate)

    def moves(self) -> bool:
        """Try or finish one candidate; return False when there is nothing left that fits."""
        left = self._budget.left_s
        ranked = self._promising()
        if self._untried and not (self._finished and left < _LEAST_S):
            reserved = sum(self._scheme.cost_s(one) for one in ranked[:_KEEP_TIME_FOR])
            if not ranked or reserved < left * (1.0 - self._scheme.share(len(self._untried) - 1)):
                self._try_out(self._untried.pop(0))
                return True
        has_rival = any(not _is_yardstick(one.candidate) for one in self._finished)
        for one in ranked:
            if not has_rival or self._scheme.cost_s(one) <= left:
                self._finish(one)
                return True
        return False

    def end(self) -> tuple[ModelRecord, ...]:
        """Tell what there was no time for; return the finished ones."""
        for candidate in (*(one.candidate for one in self._tried), *self._untried):
            self._tell(model_event("model_skipped", candidate, reason=_TIME_OVER))
        if not self._finished:
            raise WorkFailed(
                "No model could be trained. Expected: at least one. "
                f"Received: {'; '.join(self._failures) or 'none to try'}.",
                remedy="Choose other families with --families, or give more time with --time-limit.",
            )
        return tuple(sorted(self._finished, key=lambda record: self._order[record.candidate.id]))

    def _recall(self, candidate: Candidate) -> None:
        kept = read_record(self._scheme.workshop.models / candidate.id)
        if kept is None:
            return
        self._untried.remove(candidate)
        self._finished.append(kept)
        self._tell(model_event("model_kept", candidate, score=kept.score, seconds=kept.seconds))

    def _promising(self) -> list[ModelRecord]:
        """Return the tried ones in the order of finishing: the best of each family, best first, then the others."""
        ranked = sorted(self._tried, key=lambda one: -self._deciding.gain(one.score, over=0.0))
        families = {one.candidate.family for one in self._finished}
        first: list[ModelRecord] = []
        second: list[ModelRecord] = []
        for one in ranked:
            (second if one.candidate.family in families else first).append(one)
            families.add(one.candidate.family)
        return first + second

    def _try_out(self, candidate: Candidate) -> None:
        allowed = self._budget.left_s * self._scheme.share(len(self._untried))
        self._tell(model_event("model_started", candidate, seconds_allowed=round(allowed, 1)))
        budget = Budget(allowed, self._scheme.workshop.clock)
        tried = self._guarded(candidate, lambda: self._scheme.try_out(candidate, budget, self._tell))
        if tried is None:
            return
        self._tried.append(tried)
        # What others are compared with comes first; and what costs nothing more need not wait.
        if _is_yardstick(candidate) or self._scheme.cost_s(tried) == 0.0:
            self._finish(tried)
        else:
            self._tell(model_event("model_tried", candidate, score=tried.score, seconds=tried.seconds))

    def _finish(self, tried: ModelRecord) -> None:
        candidate = tried.candidate
        share = _YARDSTICK_SHARE if _is_yardstick(candidate) else 1.0
        budget = Budget(self._budget.left_s * share, self._scheme.workshop.clock)
        self._tried.remove(tried)
        record = self._guarded(candidate, lambda: self._scheme.finish(tried, budget, self._tell))
        if record is None:
            return
        self._finished.append(record)
        self._tell(
            model_event(
                "model_finished",
                candidate,
                score=record.score,
                train=record.train_score,
                seconds=record.seconds,
                stopped=record.stopped,
            )
        )

    def _guarded(self, candidate: Candidate, work: Callable[[], ModelRecord]) -> ModelRecord | None:
        try:
            return work()
        except LIBRARY_ERRORS as error:
            self._failures.append(f"{candidate.id}: {str(error)[:300]}")
            self._tell(model_event("model_failed", candidate, reason=str(error)[:300]))
            return None


def _is_yardstick(candidate: Candidate) -> bool:
    return family(candidate.family).is_yardstick
