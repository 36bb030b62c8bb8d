"""Who is how good: ties, ranks, wins and losses, from nothing but scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

#: Scores closer than this, relative to the larger one, are a tie.
TIE = 0.001
#: No score: the system failed. It loses to whoever has one.
Score = float | None


@dataclass(frozen=True)
class Duel:
    """How one system did against another over the sets that both were measured on."""

    wins: int = 0
    ties: int = 0
    losses: int = 0

    @property
    def sets(self) -> int:
        return self.wins + self.ties + self.losses

    @property
    def share(self) -> float:
        """Wins and ties, as a share of the sets; NaN without a set."""
        return (self.wins + self.ties) / self.sets if self.sets else float("nan")


def gain(ours: float, theirs: float, *, greater_is_better: bool) -> float:
    """Return by how much `ours` is better, relative to `theirs`; negative when it is worse."""
    difference = ours - theirs if greater_is_better else theirs - ours
    return difference / abs(theirs) if theirs else float("inf") * difference if difference else 0.0


def compare(ours: Score, theirs: Score, *, greater_is_better: bool) -> int:
    """Return 1 when `ours` is better, -1 when it is worse, 0 when they tie."""
    if ours is None or theirs is None:
        return (ours is not None) - (theirs is not None)
    if abs(ours - theirs) < TIE * max(abs(ours), abs(theirs)) or ours == theirs:
        return 0
    return 1 if (ours > theirs) == greater_is_better else -1


def ranks(scores: Mapping[str, Score], *, greater_is_better: bool) -> dict[str, float]:
    """Return the rank of every system on one set: 1, one more for each that beats it, a half for each it ties with."""
    found = {}
    for name, score in scores.items():
        rank = 1.0
        for other, its_score in scores.items():
            if other != name:
                rank += (1 - compare(score, its_score, greater_is_better=greater_is_better)) / 2
        found[name] = rank
    return found


def mean_ranks(per_set: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Return the mean rank of every system over the sets; all sets must have ranked the same systems."""
    names = per_set[0].keys() if per_set else ()
    return {name: sum(one[name] for one in per_set) / len(per_set) for name in names}


def duel(outcomes: Sequence[int]) -> Duel:
    """Count the outcomes of `compare`."""
    return Duel(outcomes.count(1), outcomes.count(0), outcomes.count(-1))
