"""Propose a point as an evolution strategy does that adapts the shape of its steps (CMA-ES).

Source: Hansen, The CMA Evolution Strategy: A Tutorial, arXiv 1604.00772. Its state is worked out anew from the known
points at every proposal, so nothing has to be kept, and trials that other lanes finish later count as well.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

#: A third of the range reaches all of it within two steps.
_FIRST_STEP = 0.3
_LEAST_STEP, _MOST_STEP = 1e-4, 0.5


def propose_evolved(known: tuple[np.ndarray, np.ndarray], rng: np.random.Generator) -> Sequence[float]:
    """Return places (dials,) in [0, 1].   known: places (n, dials) and losses (n,), in order of trials."""
    places, losses = known
    dials = places.shape[1]
    state = _State.first(dials)
    size = generation_size(dials)
    for start in range(0, len(losses) - size + 1, size):
        chosen = slice(start, start + size)
        state.learn(places[chosen], losses[chosen])
    return [float(place) for place in state.draw(rng)]


def generation_size(dials: int) -> int:
    """Return how many points make one generation: 4 + ⌊3 ln n⌋."""
    return 4 + int(3 * math.log(dials))


@dataclass
class _State:
    """mean (n,), covariance (n, n) and length of the steps, with the paths they have taken."""

    mean: np.ndarray
    covariance: np.ndarray
    length: float
    path: np.ndarray
    length_path: np.ndarray
    generation: int = 0

    @classmethod
    def first(cls, dials: int) -> _State:
        return cls(np.full(dials, 0.5), np.eye(dials), _FIRST_STEP, np.zeros(dials), np.zeros(dials))

    def draw(self, rng: np.random.Generator) -> np.ndarray:
        """Return a point in the unit cube, drawn again where it fell outside, at last cut to it."""
        root, scales = self._axes()
        for _ in range(20):
            point = self.mean + self.length * root @ (scales * rng.normal(size=len(self.mean)))
            if ((point >= 0.0) & (point <= 1.0)).all():
                break
        return np.asarray(np.clip(point, 0.0, 1.0))

    def learn(self, places: np.ndarray, losses: np.ndarray) -> None:
        """Move towards the better half of a generation (size, n)."""
        n, size = len(self.mean), len(losses)
        half = size // 2
        weights = math.log(half + 0.5) - np.log(np.arange(1, half + 1))
        weights /= weights.sum()
        mass = 1.0 / float(np.square(weights).sum())
        steps = (places[np.argsort(losses, kind="stable")[:half]] - self.mean) / self.length
        move = weights @ steps
        root, scales = self._axes()
        self.mean = self.mean + self.length * move
        self.generation += 1

        damp_rate = (mass + 2) / (n + mass + 5)
        damping = 1 + 2 * max(0.0, math.sqrt((mass - 1) / (n + 1)) - 1) + damp_rate
        white = root @ ((root.T @ move) / scales)
        self.length_path = (1 - damp_rate) * self.length_path + math.sqrt(
            damp_rate * (2 - damp_rate) * mass
        ) * white
        usual = math.sqrt(n) * (1 - 1 / (4 * n) + 1 / (21 * n * n))
        walked = float(np.linalg.norm(self.length_path))
        steady = (
            walked / math.sqrt(1 - (1 - damp_rate) ** (2 * self.generation)) < (1.4 + 2 / (n + 1)) * usual
        )

        path_rate = (4 + mass / n) / (n + 4 + 2 * mass / n)
        one_rate = 2 / ((n + 1.3) ** 2 + mass)
        many_rate = min(1 - one_rate, 2 * (mass - 2 + 1 / mass) / ((n + 2) ** 2 + mass))
        self.path = (1 - path_rate) * self.path + steady * math.sqrt(
            path_rate * (2 - path_rate) * mass
        ) * move
        lost = (1 - steady) * path_rate * (2 - path_rate)
        self.covariance = (
            (1 - one_rate - many_rate + one_rate * lost) * self.covariance
            + one_rate * np.outer(self.path, self.path)
            + many_rate * (steps.T * weights) @ steps
        )
        grown = self.length * math.exp((damp_rate / damping) * (walked / usual - 1))
        self.length = min(_MOST_STEP, max(_LEAST_STEP, grown))

    def _axes(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the covariance's directions (n, n) and their lengths (n,)."""
        self.covariance = (self.covariance + self.covariance.T) / 2
        squares, root = np.linalg.eigh(self.covariance)
        return root, np.sqrt(np.maximum(squares, 1e-12))
