"""Run a search over several lanes at once, until the time, the trials or the patience are spent."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Any

from engine.families.base import Budget, Pruned
from engine.search.samplers import Exhausted
from engine.search.study import Study, Trial
from engine.specs.search import TrialRecord
from engine.words import words

OnEvent = Callable[[Mapping[str, Any]], None]
#: Trains a trial on a lane and returns its score; raises Pruned when the trial's `report` does.
Evaluate = Callable[[Trial, str], float]

#: So many failures in a row, and none that worked between them, say that the next would fail too.
_MOST_FAILURES = 10


@dataclass(frozen=True, kw_only=True)
class SearchEnd:
    """How a search ended.   stopped: "trials", "seconds", "patience", "exhausted" or "failures".

    reason: the same as a sentence for a person.
    """

    stopped: str
    reason: str
    best: TrialRecord | None
    spent: int


def search(
    study: Study,
    evaluate: Evaluate,
    lanes: Sequence[str],
    budget: Budget,
    on_event: OnEvent,
    *,
    clock: Callable[[], float],
) -> SearchEnd:
    """Try one trial per lane at a time until something is spent; trials that run then are waited for.

    Args:    lanes: names of devices, each for one trial at a time.  budget: time for all of it.
             on_event: told, always by the calling thread, of "trial_started", "trial_finished", "trial_pruned" and
             "trial_failed".  clock: seconds, monotonic.
    Returns: how it ended. An exception of one trial fails that trial alone.
    Raises:  what interrupts the calling thread, after running trials were asked to end and have ended; those stay
             unjudged, and are tried first when the search goes on.
    """
    return _Search(study, evaluate, budget, on_event, clock).run(lanes)


@dataclass
class _Search:
    """A search at work.   at_work: what each running trial's thread will return, with the trial and its start."""

    study: Study
    evaluate: Evaluate
    budget: Budget
    on_event: OnEvent
    clock: Callable[[], float]
    at_work: dict[Future[float], tuple[Trial, float]] = field(default_factory=dict)
    failures: int = 0

    def run(self, lanes: Sequence[str]) -> SearchEnd:
        spec = self.study.spec
        earlier = sum(record.seconds for record in self.study.spent) / max(1, len(lanes))
        own = Budget(spec.seconds - earlier, self.clock) if spec.seconds is not None else self.budget
        free = list(lanes)
        end: tuple[str, str] | None = None
        with ThreadPoolExecutor(len(lanes), thread_name_prefix="trial") as threads:
            try:
                while True:
                    while free and end is None:
                        end = self._ending(own)
                        if end is None and not self._start(free, threads):
                            end = ("exhausted", words("Everything that can be tried has been tried."))
                    if not self.at_work:
                        break
                    free += self._collect()
            except BaseException:
                self._wind_up()
                raise
        stopped, reason = end or ("exhausted", "")
        return SearchEnd(stopped=stopped, reason=reason, best=self.study.best, spent=len(self.study.spent))

    def _start(self, free: list[str], threads: ThreadPoolExecutor) -> bool:
        """Start a trial on the first free lane; return whether there was one."""
        try:
            trial = self.study.ask(free[0])
        except Exhausted:
            return False
        lane = free.pop(0)
        self._tell("trial_started", trial, lane=lane)
        self.at_work[threads.submit(self.evaluate, trial, lane)] = (trial, self.clock())
        return True

    def _collect(self) -> list[str]:
        """Wait for a trial to end, note what came of it, and return the lanes that are free now."""
        done, _ = wait(self.at_work, return_when=FIRST_COMPLETED)
        free = []
        for future in sorted(done, key=lambda future: self.at_work[future][0].number):
            trial, started = self.at_work.pop(future)
            self._judge(trial, future, self.clock() - started)
            free.append(trial.record.lane)
        return free

    def _wind_up(self) -> None:
        """Ask running trials to end, wait for them, and note those that were finished after all."""
        self.study.stop()
        wait(self.at_work)
        for future, (trial, started) in self.at_work.items():
            if future.exception() is None:
                self.study.tell(trial, future.result(), self.clock() - started)

    def _judge(self, trial: Trial, future: Future[float], seconds: float) -> None:
        error = future.exception()
        if error is None:
            before = self.study.best
            record = self.study.tell(trial, future.result(), seconds)
        elif isinstance(error, Pruned):
            record = self.study.tell_pruned(trial, seconds)
        elif isinstance(error, Exception):
            record = self.study.tell_failed(trial, f"{type(error).__name__}: {error}"[:300], seconds)
        else:
            raise error
        self.failures = self.failures + 1 if record.state == "failed" else 0
        facts: dict[str, Any] = {"seconds": record.seconds, "lane": record.lane}
        if record.state == "complete":
            best = self.study.best
            facts |= {"score": record.score, "is_best": best is not None and best != before}
        else:
            facts["reason"] = record.reason
        name = "finished" if record.state == "complete" else record.state
        self._tell(f"trial_{name}", trial, **facts)

    def _ending(self, own: Budget) -> tuple[str, str] | None:
        """Say why no further trial may start, or None when one may."""
        spec, spent = self.study.spec, len(self.study.spent)
        if spec.trials is not None and spent + len(self.at_work) >= spec.trials:
            return "trials", words("All {count} trials are done.", count=spec.trials)
        if self.budget.is_spent or own.is_spent:
            return "seconds", words("The time for the search is over.")
        if spec.patience is not None and self.study.without_gain >= spec.patience:
            return "patience", words("{count} trials in a row were no better.", count=spec.patience)
        if self.failures >= _MOST_FAILURES:
            return "failures", words("{count} trials in a row failed.", count=self.failures)
        return None

    def _tell(self, name: str, trial: Trial, **facts: Any) -> None:
        best = self.study.best
        self.on_event(
            {
                "event": name,
                "trial": trial.number,
                "candidate": trial.candidate.id,
                "family": trial.candidate.family,
                "params": dict(trial.candidate.params),
                "best": best.score if best is not None else None,
                **facts,
            }
        )
