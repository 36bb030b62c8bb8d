"""What a frozen network makes of pictures, computed once for each and kept in a file mapped into memory."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from engine.families.base import Budget, FeatureRows, Floats
from engine.families.fitted import Doubles

#: Bytes of features that are kept; of more pictures a share is looked at.
MOST_BYTES = 2 << 30
#: Pictures that are looked at however little time there is.
LEAST_ROWS = 256


@dataclass(kw_only=True)
class CachedRows:
    """Features in a mapped file; see `base.FeatureRows`.   x: (rows, width) float32.   y: (rows,).

    seconds: for one picture.
    """

    x: Any
    y: Doubles
    seconds: float
    columns: tuple[str, ...] = ()
    cardinalities: Mapping[int, int] = field(default_factory=dict)

    @property
    def sample_shape(self) -> tuple[int, ...]:
        return tuple(self.x.shape[1:])

    @property
    def rows(self) -> int:
        return len(self.x)

    def arrays(self, limit: int | None = None) -> tuple[Floats, Doubles]:
        """Return x and y; at most `limit` rows, spread evenly."""
        count = self.rows if limit is None else min(limit, self.rows)
        chosen = np.arange(count) * self.rows // max(1, count)
        return np.asarray(self.x[chosen]), self.y[chosen]

    def batches(self, size: int, *, seed: int | None = None) -> Iterator[tuple[Floats, Doubles]]:
        """Yield (x, y) of `size` rows, shuffled by `seed`."""
        order = np.arange(self.rows)
        if seed is not None:
            np.random.default_rng(seed).shuffle(order)
        for start in range(0, len(order), size):
            chosen = order[start : start + size]
            yield np.asarray(self.x[chosen]), self.y[chosen]


def cache_features(
    look: Callable[[Any], Floats],
    rows: FeatureRows,
    width: int,
    batch: int,
    seed: int,
    budget: Budget,
    progress: Callable[[float], None],
) -> CachedRows:
    """Compute the features of each picture once, in an order drawn by `seed`, until the time is over.

    look: pictures (rows, *shape) → features (rows, width).   batch: pictures looked at at once.
    progress: called with the share done.
    """
    most = min(rows.rows, MOST_BYTES // (4 * width))
    y = np.empty(most)
    with tempfile.TemporaryFile(prefix="aimass-features-") as file:
        file.truncate(max(1, 4 * most * width))
        # The mapping keeps the file, which has no name any more, for as long as it is read.
        x = np.memmap(file, np.float32, "r+", shape=(most, width))
    done, before = 0, budget.left_s
    for pictures, answers in rows.batches(batch, seed=seed):
        count = min(len(pictures), most - done)
        x[done : done + count] = look(pictures)[:count]
        y[done : done + count] = answers[:count]
        done += count
        progress(done / most)
        if done >= most or (budget.is_spent and done >= LEAST_ROWS):
            break
    seconds = (before - budget.left_s) / max(1, done)
    return CachedRows(x=x[:done], y=y[:done], seconds=seconds)
