"""Train candidates within the wall clock: try out many, finish the most promising; each is on disk at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from engine.errors import WorkFailed
from engine.evaluation.metrics import metric
from engine.families import family
from engine.families.base import Budget, Pruned
from engine.specs.training import Candidate, ModelRecord
from engine.training.workshop import LIBRARY_ERRORS, OnEvent, Workshop, model_event, read_record
from engine.words import words

#: Seconds below which nothing but the first models is started.
_LEAST_S = 1.0
#: What others are compared with may take this share of the time left: it seldom wins.
_YARDSTICK_SHARE = 0.15
#: So many of the best tried ones must still fit into the time before another candidate is tried.
_KEEP_TIME_FOR = 3
#: While others wait, finishing one may take this share of the time left, or what its first fold foretells if that is
#: more: a mean of several that err apart beats the slowest one alone.
_FINISHING_SHARE = 0.5
#: Share of the time left that loading a library may take, beside the time of the training that needs it first.
_STARTING_SHARE = 0.3
#: What takes at most this share of the time left is finished before one that takes most of it, and often all.
_CHEAP_SHARE = 0.1
#: While a search goes on, so many further candidates are always thought to wait: none takes all the time left.
_MORE_TO_COME = 4
_TIME_OVER = "The time for training is over."


class Scheme(Protocol):
    """How one candidate is judged: at once (`holdout.Holdout`), or on a first fold and then on all (`bag.Bag`)."""

    workshop: Workshop

    def share(self, waiting: int) -> float:
        """Return which share of the time left trying the next candidate may take.   waiting: candidates after it."""

    def try_out(self, candidate: Candidate, budget: Budget, on_event: OnEvent) -> ModelRecord:
        """Train the candidate once; return a record by which it can be compared with others tried so."""

    def cost_s(self, tried: ModelRecord, *, start_s: float = 0.0) -> float:
        """Return the seconds that finishing it takes, 0 when trying it was all.

        start_s: those of its trying that are not needed again, such as for loading a library.
        """

    def finish(self, tried: ModelRecord, budget: Budget, on_event: OnEvent) -> ModelRecord:
        """Train what is left to train, publish the candidate's folder and return its record."""


class Further(Protocol):
    """Proposes more candidates while there is time: a search (see engine.search.trials)."""

    def learn(self, records: Sequence[ModelRecord]) -> None:
        """Begin with what the models trained so far tell."""

    def next(self, allowed_s: float) -> Candidate | None:
        """Return the next candidate to train in so many seconds; None when there is none."""

    def hear(self, event: dict[str, Any]) -> None:
        """Pass an event of the training on.   Raises: Pruned to end the training it is about."""

    def is_promising(self, tried: ModelRecord) -> bool:
        """Say whether a candidate that was tried out is worth finishing."""

    def ended(self, candidate: Candidate, outcome: ModelRecord | Exception) -> None:
        """Note what came of a candidate: its finished model, or why there is none."""


def train(
    candidates: Sequence[Candidate],
    scheme: Scheme,
    budget: Budget,
    on_event: OnEvent,
    further: Further | None = None,
) -> tuple[ModelRecord, ...]:
    """Train the candidates there is time for, then `further` ones.

    A candidate is tried out as long as the three best tried so far can still be finished afterwards; then the best of
    each family are finished, then the rest. A finished model is not trained again. One that fails is reported.
    Returns: the records of all finished models, in the order of `candidates`, then of `further`.
    Raises:  WorkFailed when not a single model could be trained.
    """
    training = _Training(candidates, scheme, budget, on_event, further)
    while training.moves():
        pass
    return training.end()


class _Training:
    """The candidates by what became of them: untried, tried, finished."""

    def __init__(
        self,
        candidates: Sequence[Candidate],
        scheme: Scheme,
        budget: Budget,
        on_event: OnEvent,
        further: Further | None,
    ) -> None:
        self._order = {candidate.id: place for place, candidate in enumerate(candidates)}
        self._scheme, self._budget = scheme, budget
        self._further, self._is_searching = further, False
        self._tell = on_event if further is None else further.hear
        self._deciding = metric(scheme.workshop.task.metric)
        self._untried = list(candidates)
        self._tried: list[ModelRecord] = []
        self._finished: list[ModelRecord] = []
        self._failures: list[str] = []
        #: Candidate → the seconds of its trying that loaded a library; nobody after it pays for that.
        self._starts: dict[str, float] = {}
        for candidate in candidates:
            self._recall(candidate)

    def moves(self) -> bool:
        """Try or finish one candidate; return False when there is nothing left that fits."""
        if self._is_searching and not self._untried:
            self._search()
        left = self._budget.left_s
        ranked = self._promising()
        is_time = not (self._finished and left < _LEAST_S)
        if self._untried and is_time and (not ranked or self._fits_another(len(self._untried) - 1)):
            self._try_out(self._untried.pop(0))
            return True
        has_rival = any(not _is_yardstick(one.candidate) for one in self._finished)
        for one in (*self._cheap(ranked), *ranked):
            if not has_rival or self._cost_s(one) <= left:
                self._finish(one)
                return True
        if self._further is None or self._is_searching or not self._finished:
            return False
        self._further.learn(self._finished)
        self._is_searching = True
        return True

    def _cheap(self, ranked: Sequence[ModelRecord]) -> list[ModelRecord]:
        """Return what costs next to nothing, where the best of `ranked` costs most of the time left, but not all."""
        left = self._budget.left_s
        best_s = self._cost_s(ranked[0]) if ranked else 0.0
        if best_s <= left / 2:
            return []
        spare = min(_CHEAP_SHARE * left, left - best_s)
        return [one for one in ranked[1:] if self._cost_s(one) <= spare]

    def _search(self) -> None:
        """Let the search propose one more candidate, if trying it leaves time to finish the best tried ones."""
        left = self._budget.left_s
        if self._further is None or left < _LEAST_S or not self._fits_another(0):
            return
        candidate = self._further.next(left * self._share(0) * max(1, self._scheme.workshop.folds))
        if candidate is None:
            return
        self._order[candidate.id] = len(self._order)
        self._untried.append(candidate)
        self._recall(candidate)

    def _fits_another(self, waiting: int) -> bool:
        """Say whether the best tried ones can be finished after another was tried out.

        For what takes longer than the time left, none is kept.
        """
        left = self._budget.left_s
        costs = [cost for one in self._promising() if (cost := self._cost_s(one)) <= left]
        return sum(costs[:_KEEP_TIME_FOR]) < left * (1.0 - self._share(waiting))

    def _cost_s(self, tried: ModelRecord) -> float:
        return self._scheme.cost_s(tried, start_s=self._starts.get(tried.candidate.id, 0.0))

    def _share(self, waiting: int) -> float:
        return self._scheme.share(waiting + (_MORE_TO_COME if self._is_searching else 0))

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
        self._ended(candidate, kept)
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
        left = self._budget.left_s
        start_s = 0.0 if self._starts else min(candidate.start_s, _STARTING_SHARE * left)
        if start_s:
            self._starts[candidate.id] = start_s
        allowed = min(left, start_s + left * self._share(len(self._untried)))
        self._tell(model_event("model_started", candidate, seconds_allowed=round(allowed, 1)))
        budget = Budget(allowed, self._scheme.workshop.clock)
        tried = self._guarded(candidate, lambda: self._scheme.try_out(candidate, budget, self._tell))
        if tried is None:
            return
        self._tried.append(tried)
        # What others are compared with comes first; and what costs nothing more need not wait.
        if _is_yardstick(candidate) or self._cost_s(tried) == 0.0:
            self._finish(tried)
        elif self._is_searching and self._further is not None:
            # One fold alone flatters the best of many: a search is told of whole models only.
            if self._further.is_promising(tried):
                self._finish(tried)
            else:
                self._tried.remove(tried)
                self._prune(candidate, Pruned("Its first fold was not among the best."))
        else:
            self._tell(model_event("model_tried", candidate, score=tried.score, seconds=tried.seconds))

    def _finish(self, tried: ModelRecord) -> None:
        candidate = tried.candidate
        budget = Budget(self._finishing_s(tried), self._scheme.workshop.clock)
        self._tried.remove(tried)
        record = self._guarded(candidate, lambda: self._scheme.finish(tried, budget, self._tell))
        if record is None:
            return
        self._finished.append(record)
        self._ended(candidate, record)
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

    def _finishing_s(self, tried: ModelRecord) -> float:
        """Return the seconds that finishing it may take."""
        left = self._budget.left_s
        if _is_yardstick(tried.candidate):
            return left * _YARDSTICK_SHARE
        if len(self._tried) == 1 and not self._untried:
            return left
        return min(left, max(left * _FINISHING_SHARE, self._cost_s(tried)))

    def _guarded(self, candidate: Candidate, work: Callable[[], ModelRecord]) -> ModelRecord | None:
        try:
            return work()
        except Pruned as error:
            self._prune(candidate, error)
        except LIBRARY_ERRORS as error:
            self._failures.append(f"{candidate.id}: {str(error)[:300]}")
            self._ended(candidate, error)
            self._tell(model_event("model_failed", candidate, reason=str(error)[:300]))
        return None

    def _prune(self, candidate: Candidate, reason: Pruned) -> None:
        self._ended(candidate, reason)
        self._tell(model_event("model_skipped", candidate, reason=words("It was not worth finishing.")))

    def _ended(self, candidate: Candidate, outcome: ModelRecord | Exception) -> None:
        if self._further is not None:
            self._further.ended(candidate, outcome)


def _is_yardstick(candidate: Candidate) -> bool:
    return family(candidate.family).is_yardstick
