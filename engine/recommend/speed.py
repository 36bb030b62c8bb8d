"""How fast this machine is beside the one that measured: one small piece of work, timed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

#: Values sorted; several times, of which the quickest counts.
_VALUES, _TIMES = 100_000, 3


def effort(clock: Callable[[], float]) -> float:
    """Return the seconds that a fixed piece of work takes, about 10 ms.   clock: seconds, e.g. time.process_time."""
    values = np.random.default_rng(0).random(_VALUES)
    taken = []
    for _ in range(_TIMES):
        begun = clock()
        order = np.argsort(values, kind="stable")
        np.add.at(np.zeros(256), (values[order] * 255).astype(np.int64), 1.0)
        taken.append(clock() - begun)
    return max(1e-6, min(taken))
