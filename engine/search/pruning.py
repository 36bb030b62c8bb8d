"""Which trial is not worth finishing, decided from the values reported so far and nothing else.

Optuna's pruners keep what they decided in attributes of a trial that are gone when a study is rebuilt from its
values, and compare trials of different families; these compare a trial with earlier ones of its own kind at the
same step, so they decide alike before and after a kill.
"""

from __future__ import annotations

import math
import statistics
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from engine.specs.search import SearchSpec

#: (step, value) in the order they were reported, larger values better.
Steps = Sequence[tuple[int, float]]
#: Brackets of Hyperband: the first judges as early as ASHA, each further one `reduction` times as late.
_BRACKETS = 3
#: Share of the longest trial's steps after which others are judged first, where nobody said.
FIRST_SHARE = 0.1
#: Trials of a family that are finished before any is judged, where nobody said when.
_LEAST_TRIALS = 5


@dataclass(frozen=True, kw_only=True)
class Contest:
    """One trial among those of its family.

    number: the trial's.   first: the first step at which trials of its family are judged.   own: its steps.
    others: steps of trials that run or were pruned, which say nothing beyond their last step.
    finished: steps of complete trials, whose best stands for every later step too.
    """

    spec: SearchSpec
    number: int
    first: int
    own: Steps
    others: Sequence[Steps] = ()
    finished: Sequence[Steps] = ()

    def rivals(self, step: int) -> list[Steps]:
        """Return the others' steps up to `step`, of those that got as far or were finished before."""
        far = [steps for steps in self.others if steps and steps[-1][0] >= step]
        return far + [steps for steps in self.finished if steps]

    def promises(self, step: int) -> list[float]:
        """Return what each rival promises at `step`; what a finished one came to in the end."""
        far = [self.promise(steps, step) for steps in self.others if steps and steps[-1][0] >= step]
        return far + [best_until(steps, steps[-1][0]) for steps in self.finished if steps]

    def promise(self, steps: Steps, step: int) -> float:
        """Return the best value a trial would end with, if each `reduction` times more steps gained half as much.

        Small learning rates begin behind and end in front: judged by what they have reached, the best were pruned
        first. On a toy (scripts/bench/search.py, four seeds) halving saved 55 to 59 % of the rounds and kept the best
        of 60 trials each time; gains that stay, 38 to 42 %; gains that fall to a third lost the best once.
        """
        here, before = best_until(steps, step), best_until(steps, step // self.spec.reduction)
        if before == -math.inf:
            return here
        end = max([step, *(one[-1][0] for one in self.finished if one)])
        times = math.log(end / step) / math.log(self.spec.reduction)
        return here + (here - before) * (1.0 - 0.5**times)


def is_judged(spec: SearchSpec, number: int, first: int, own: Steps) -> bool:
    """Say whether a trial's last report brought it to a step at which it is judged at all."""
    return _judged_step(spec, number, first, own) is not None


def should_prune(contest: Contest) -> bool:
    """Say whether the trial, which just reported its last step, should end now."""
    step = _judged_step(contest.spec, contest.number, contest.first, contest.own)
    if step is None:
        return False
    reduction = contest.spec.reduction
    if contest.spec.pruner == "median":
        rivals = [best_until(one, step) for one in contest.rivals(step)]
        return _is_below_median(best_until(contest.own, step), rivals)
    return is_passed_over(contest.promise(contest.own, step), contest.promises(step), reduction)


def _judged_step(spec: SearchSpec, number: int, first: int, own: Steps) -> int | None:
    if not own or spec.pruner == "none":
        return None
    if spec.pruner == "median":
        last, before = own[-1][0] // first, own[-2][0] // first if len(own) > 1 else 0
        return own[-1][0] if last > before else None
    if spec.pruner == "asha":
        return _rung_reached(own, first, spec.reduction)
    # Hyperband: trials are dealt to brackets that begin to judge earlier or later. Source: Li et al., JMLR 18, 2018.
    # A trial is compared with all that came as far, whatever their bracket, so no bracket has to be remembered.
    bracket = zlib.crc32(f"{spec.seed}-{number}".encode()) % _BRACKETS
    return _rung_reached(own, first * spec.reduction**bracket, spec.reduction)


def _rung_reached(own: Steps, first: int, reduction: int) -> int | None:
    """Return the rung that the last report has just reached, or None between rungs."""
    last, before = own[-1][0], own[-2][0] if len(own) > 1 else 0
    if last < first:
        return None
    rung = first
    while rung * reduction <= last:
        rung *= reduction
    return rung if before < rung else None


def is_passed_over(own: float, rivals: Sequence[float], reduction: int) -> bool:
    """Say that a trial is not among the best one in `reduction` at a rung, larger being better; one always is.

    This is asynchronous successive halving.

    Source: Li et al., A System for Massively Parallel Hyperparameter Tuning, MLSys 2020.
    """
    count = len(rivals) + 1
    return count >= reduction and sum(value > own for value in rivals) >= max(1, count // reduction)


def _is_below_median(own: float, rivals: Sequence[float]) -> bool:
    """The best so far is worse than the median of the others' at the same step.

    Source: Golovin et al., Google Vizier, KDD 2017, section 3.2.2.
    """
    return len(rivals) >= _LEAST_TRIALS and own < statistics.median(rivals)


def first_rung(spec: SearchSpec, finished: Sequence[Steps]) -> int | None:
    """Return the step at which trials of a family are judged first; None while nothing tells how long they take.

    finished: steps of the family's complete trials.
    """
    if spec.first_step is not None:
        return spec.first_step
    lengths = [steps[-1][0] for steps in finished if steps]
    # The longest, not the usual one: short trials are those with large steps, and judge others by their own pace.
    return max(1, round(max(lengths) * FIRST_SHARE)) if len(lengths) >= _LEAST_TRIALS else None


def best_until(steps: Steps, step: int) -> float:
    """Return the best value reported up to `step`; -inf where there is none."""
    return max((value for at, value in steps if at <= step), default=-math.inf)
