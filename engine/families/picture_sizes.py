"""How large a network for pictures is and what it costs, by the side of its pictures: plain sums, no library."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from engine.families.base import DataShape

#: Multiplications that one core trains in a second, measured with oneDNN on AVX-512; a third of them is forwards.
_TRAINED_PER_S = 3e10
#: Passes below which it is not worth starting, and seconds that importing TensorFlow and tracing a step take.
_LEAST_PASSES, _START_S = 15, 10.0
_SMALLEST, _LARGEST = 8, 512
_LEAST_ROWS = 20


def stem_stride(side: int) -> int:
    """Return by how much the first layers make a picture of `side` smaller: large ones are costly and alike nearby."""
    return 1 if side <= 48 else 2 if side <= 96 else 4


def stages(side: int) -> int:
    """Return how many stages a network has, each with half the side of the one before; the last has 4 to 13 pixels.

    >>> [stages(side) for side in (8, 32, 128, 224)]
    [2, 3, 3, 4]
    """
    inside = side / stem_stride(side)
    return max(2, min(4, 1 + int(math.log2(max(1.0, inside / 7.0)))))


def seconds(shape: DataShape, work: float) -> float:
    """Return the seconds on one core below which a training is not worth starting.

    work: multiplications for one picture, forwards.
    """
    return _START_S + shape.rows * _LEAST_PASSES * 3.0 * work / _TRAINED_PER_S


def stage_work(side: int, per_stage: Callable[[int], float]) -> float:
    """Return the sum over stages of points × `per_stage` (multiplications per point of that stage)."""
    inside = side / stem_stride(side)
    return sum((inside / 2**stage) ** 2 * per_stage(stage) for stage in range(stages(side)))


def refuses(shape: DataShape, params: Mapping[str, Any]) -> str | None:
    """Refuse what is no picture of a size that these networks are made for."""
    if len(shape.sample_shape) != 3:
        return "A network for pictures reads pictures; this data has rows of numbers."
    side = min(shape.sample_shape[:2])
    if not _SMALLEST <= side <= max(shape.sample_shape[:2]) <= _LARGEST:
        return (
            f"Networks for pictures take sides of {_SMALLEST} to {_LARGEST} pixels; "
            f"these pictures are made {shape.sample_shape[0]} × {shape.sample_shape[1]}."
        )
    return None


def is_worth_trying(shape: DataShape) -> bool:
    """Say whether there are pictures, and enough of them."""
    return refuses(shape, {}) is None and shape.rows >= _LEAST_ROWS
