"""Which rows of a file are the test: the same for every system, on every machine."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterable, Sequence

TEST_SHARE = 0.25
SPLIT_SEED = 20_261_123


def positions_of_test(labels: Sequence[str] | None, rows: int, seed: int = SPLIT_SEED) -> list[int]:
    """Return the positions (0-based, in file order, sorted) of the test rows.

    labels: the class of every row, for a quarter of each class; None draws a quarter of all rows.
    A class of at least two rows has one on each side. Rows are told apart by position alone: rows that repeat each
    other may lie on both sides, as they would have for whoever wrote the file.
    """
    positions: dict[str, list[int]] = {}
    for position, label in enumerate(labels if labels is not None else [""] * rows):
        positions.setdefault(label, []).append(position)
    drawn: list[int] = []
    for label in sorted(positions):
        members = positions[label]
        # `random()` keeps its sequence over Python versions; `shuffle` does not promise to.
        lots = random.Random(f"{seed} {label}")
        order = [member for _, member in sorted((lots.random(), member) for member in members)]
        count = round(TEST_SHARE * len(members))
        drawn += order[: max(1, count) if len(members) > 1 else 0]
    return sorted(drawn)


def digest(positions: Iterable[int]) -> str:
    """Return a short name of a choice of rows; results of different rows are never compared."""
    return hashlib.sha256(",".join(map(str, positions)).encode()).hexdigest()[:12]
