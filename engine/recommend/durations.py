"""How long one training takes on data of another size: by the logarithms of rows, columns and outputs."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from engine.recommend.knowledge import KnownSet
from engine.recommend.meta import MetaFeatures

#: What is thought before anything is known: seconds grow so with rows, columns and classes, to these powers.
_PRIOR = (0.7, 0.5, 0.5)
#: How many sets the prior weighs as much as.
_PULL = 4.0
_LEAST_S = 0.001


def expected_seconds(configuration: str, meta: MetaFeatures, sets: Sequence[KnownSet]) -> float | None:
    """Return the processor seconds of one training, on the machine that measured; None where no set knows it."""
    known = [one for one in sets if configuration in one.measures]
    if not known:
        return None
    sizes = np.array([_size(one.meta) for one in known])
    taken = np.log([max(_LEAST_S, one.measures[configuration].seconds) for one in known])
    middle, mean = sizes.mean(axis=0), float(taken.mean())
    centred = sizes - middle
    prior = np.array(_PRIOR)
    pull = _PULL * np.eye(len(prior))
    powers = np.linalg.solve(
        centred.T @ centred + pull, centred.T @ (taken - mean - centred @ prior)
    )  # how far the powers lie from the prior
    # Data never takes less time for being larger.
    powers = np.maximum(prior + powers, 0.0)
    told = mean + float((np.array(_size(meta)) - middle) @ powers)
    return max(_LEAST_S, math.exp(min(told, 20.0)))


def _size(meta: MetaFeatures) -> tuple[float, float, float]:
    outputs = meta.classes if meta.classes > 2 else 1
    return math.log(max(1, meta.rows)), math.log(max(1, meta.columns)), math.log(outputs)
