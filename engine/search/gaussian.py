"""Propose the point whose improvement a Gaussian process expects most of.

Source: Jones, Schonlau & Welch, Efficient Global Optimization of Expensive Black-Box Functions, 1998.
Optuna's own process needs PyTorch, which this box has no other use for; scikit-learn's is here anyway.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np
from scipy.stats import norm
from sklearn.exceptions import ConvergenceWarning
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import Matern, WhiteKernel

from engine.search.space import Room

#: Points that are weighed: by chance over the whole space, and near the best.
_ANYWHERE, _NEAR = 1000, 500
#: A cubic cost in points: the best and the latest are enough.
_MOST_POINTS = 200


def propose_expected(
    room: Room, known: tuple[np.ndarray, np.ndarray], rng: np.random.Generator
) -> Sequence[float]:
    """Return places (dials,) in [0, 1].   known: places (n, dials) and losses (n,), at least two."""
    places, losses = _most_telling(*known)
    mean, spread = float(losses.mean()), float(losses.std()) or 1.0
    scaled = (losses - mean) / spread
    process = GaussianProcessRegressor(
        Matern(length_scale=np.full(_width(room), 0.5), length_scale_bounds=(0.05, 20.0), nu=2.5)
        + WhiteKernel(1e-2, (1e-6, 1.0)),
        random_state=int(rng.integers(2**31)),
    )
    offered = np.concatenate(
        (rng.random((_ANYWHERE, places.shape[1])), _around(places[np.argmin(losses)], rng))
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # a length at its bound is an answer too
        process.fit(_as_numbers(room, places), scaled)
        expected, error = process.predict(_as_numbers(room, offered), return_std=True)
    gain = expected_improvement(float(scaled.min()), expected, error)
    return [float(place) for place in offered[int(np.argmax(gain))]]


def expected_improvement(best: float, mean: np.ndarray, error: np.ndarray) -> np.ndarray:
    """Return by how much points with N(mean, error²) are expected to fall below `best`; never below 0."""
    error = np.maximum(error, 1e-9)
    by = (best - mean) / error
    return np.asarray(error * (by * norm.cdf(by) + norm.pdf(by)))


def _most_telling(places: np.ndarray, losses: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    if len(losses) <= _MOST_POINTS:
        return places, losses
    best = set(np.argsort(losses)[: _MOST_POINTS // 2].tolist())
    latest = [index for index in range(len(losses) - 1, -1, -1) if index not in best]
    kept = sorted(best | set(latest[: _MOST_POINTS - len(best)]))
    return places[kept], losses[kept]


def _around(best: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return points that differ from the best in a few dials."""
    moved = rng.random((_NEAR, len(best))) < max(0.3, 1.0 / len(best))
    near = np.clip(best + 0.1 * rng.normal(size=moved.shape), 0.0, 1.0)
    return np.where(moved, np.where(rng.random(moved.shape) < 0.2, rng.random(moved.shape), near), best)


def _width(room: Room) -> int:
    return sum(len(dial.choices) or 1 for dial in room.dials.values())


def _as_numbers(room: Room, places: np.ndarray) -> np.ndarray:
    """Return places with each choice as one column per alternative: their order means nothing."""
    columns = []
    for at, dial in enumerate(room.dials.values()):
        if dial.choices:
            chosen = np.minimum(len(dial.choices) - 1, (places[:, at] * len(dial.choices)).astype(int))
            columns += [0.5 * (chosen == alternative) for alternative in range(len(dial.choices))]
        else:
            columns.append(places[:, at])
    return np.column_stack(columns).astype(float)
