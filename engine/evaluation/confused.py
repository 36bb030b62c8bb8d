"""Which classes are taken for which: the pairs behind most of the errors, and what chance would make of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.evaluation.metrics import Counts

#: One row alone is a mistake, no mix-up.
FEWEST_ROWS = 2


@dataclass(frozen=True, kw_only=True)
class Mixup:
    """Rows of class `actual` that are called `answered` (indices).   See `ConfusedPair` for the figures."""

    actual: int
    answered: int
    rows: int
    back: int
    of: int
    either: float
    expected: float


def mixups(counts: Counts, most: int) -> tuple[Mixup, ...]:
    """Return the pairs of classes that are mixed up most often, in the direction that is the more frequent.

    Shapes:  counts (classes, classes), actual by predicted.
    """
    found = []
    rows = counts.sum(axis=1)
    wrong = rows - np.diag(counts)
    others = max(1, len(counts) - 1)
    for i, j in zip(*np.nonzero(counts), strict=True):
        if i == j or counts[i, j] < FEWEST_ROWS or (counts[j, i], -j) > (counts[i, j], -i):
            continue
        found.append(
            Mixup(
                actual=int(i),
                answered=int(j),
                rows=int(counts[i, j]),
                back=int(counts[j, i]),
                of=int(rows[i]),
                either=float((counts[i, j] + counts[j, i]) / (rows[i] + rows[j])),
                expected=float((wrong[i] + wrong[j]) / others),
            )
        )
    return tuple(sorted(found, key=lambda pair: (-pair.rows, -pair.either, pair.actual)))[:most]
