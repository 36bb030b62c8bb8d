"""How well each configuration did on each known set, and what that lets expect on a new one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.recommend.knowledge import KnownSet, Measure

Doubles = npt.NDArray[np.float64]

#: How far nearness reaches; and how many sets of mean nearness the mean of all sets weighs as much as. Both were
#: chosen by leaving out one set at a time (scripts/bench/recommend.py).
REACH, PULL = 0.7, 1.0
#: Worse than guessing by as much as the best is better: no worse is told apart.
_LEAST = -1.0


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What is expected of one configuration, as a share of the way from guessing (0) to the best known (1).

    low, high: one weighted standard deviation either way, within what is possible.   known: sets it was measured on.
    """

    merit: float
    low: float
    high: float
    known: int


def merit(one: KnownSet, measure: Measure) -> float:
    """Return the share of the way from guessing to the best known on a set, by its score and by what decides; ≤ 1."""
    return 0.5 * (_way(one, measure, lambda m: m.score) + _way(one, measure, lambda m: m.decider))


def _way(one: KnownSet, measure: Measure, read: Callable[[Measure], float]) -> float:
    guess = read(one.guess)
    best = max((read(each) for each in one.measures.values()), default=guess)
    if best - guess <= 1e-12:
        return 1.0 if read(measure) >= best else 0.0
    return max(_LEAST, min(1.0, (read(measure) - guess) / (best - guess)))


def weights(distance: Doubles, reach: float = REACH) -> Doubles:
    """Return how much each set counts: 1 for itself, falling like a bell with its distance, never quite 0."""
    return np.asarray(np.exp(-0.5 * (distance / reach) ** 2) + 1e-9)


def expect(
    configuration: str, sets: Sequence[KnownSet], weight: Doubles, pull: float = PULL
) -> Expected | None:
    """Return what is expected of a configuration; None where no set knows it.

    The weighted mean over known sets is pulled towards the mean over all of them, the more the fewer are near.
    """
    places = [place for place, one in enumerate(sets) if configuration in one.measures]
    if not places:
        return None
    found = np.array([merit(sets[place], sets[place].measures[configuration]) for place in places])
    near = weight[places]
    everywhere = float(found.mean())
    mean = float((near @ found + pull * everywhere) / (near.sum() + pull))
    variance = near @ (found - mean) ** 2 + pull * float(((found - mean) ** 2).mean())
    spread = float(np.sqrt(variance / (near.sum() + pull)))
    return Expected(
        merit=mean, low=max(_LEAST, mean - spread), high=min(1.0, mean + spread), known=len(places)
    )
