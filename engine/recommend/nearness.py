"""How near known data sets are to a new one, on coordinates that are put on one scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.recommend.knowledge import KnownSet
from engine.recommend.meta import MetaFeatures

Doubles = npt.NDArray[np.float64]

#: Added to the distance where one predicts classes and the other values; and two classes and more.
_OTHER_KIND, _OTHER_COUNT = 1.5, 0.5
#: A coordinate that differs by more deviations than this is far away, no matter how far.
_FARTHEST = 4.0


@dataclass(frozen=True, kw_only=True)
class Near:
    """A known set and how far it is: about 1 where two sets drawn at random are, 0 for itself."""

    name: str
    distance: float


def distances(meta: MetaFeatures, sets: Sequence[KnownSet]) -> Doubles:
    """Return the distance of every known set (sets,), at least 0 and finite."""
    if not sets:
        return np.zeros(0)
    known = np.array([one.meta.coordinates() for one in sets])
    spread = known.std(axis=0)
    spread[spread < 1e-9] = 1.0
    apart = np.clip((known - np.array(meta.coordinates())) / spread, -_FARTHEST, _FARTHEST)
    # Two draws differ by twice the variance: the root of the mean is 1 for a pair that is as far apart as any.
    plain = np.sqrt((apart**2).mean(axis=1) / 2.0)
    return np.asarray(plain + np.array([_between(meta, one.meta) for one in sets]))


def _between(one: MetaFeatures, other: MetaFeatures) -> float:
    if one.task == other.task:
        return 0.0
    return _OTHER_KIND if "regression" in (one.task, other.task) else _OTHER_COUNT
