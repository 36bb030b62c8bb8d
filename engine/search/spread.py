"""Propose the points of a sequence that spreads evenly, whatever is known."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

from scipy.stats import qmc


def propose_spread(dials: int, number: int, seed: int) -> Sequence[float]:
    """Return places (dials,) in [0, 1]: the `number`-th point, from 0, of a scrambled Sobol sequence.

    Source: Sobol, USSR Computational Mathematics and Mathematical Physics 7, 1967.
    """
    sobol = qmc.Sobol(dials, scramble=True, seed=seed)
    if number:
        sobol.fast_forward(number)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # one point at a time is never a power of two
        return [float(place) for place in sobol.random(1)[0]]
