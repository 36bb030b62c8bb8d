"""Mirror images are allowed where they look like their class."""

from __future__ import annotations

import numpy as np
from sklearn.datasets import load_digits

from engine.families.mirror import may_mirror
from tests.engine.made_rows import made_pictures


def test_digits_are_not_mirrored() -> None:
    digits = load_digits()
    pictures = np.repeat((digits.images * 15).astype(np.uint8)[..., None], 3, axis=3)
    assert not may_mirror(pictures, digits.target.astype(np.float64))


def test_spots_anywhere_are_mirrored() -> None:
    rng = np.random.default_rng(0)
    hidden = rng.normal(size=300)
    assert may_mirror(made_pictures(hidden, rng), (hidden > 0).astype(np.float64))


def test_what_tells_the_side_is_not_mirrored() -> None:
    rng = np.random.default_rng(0)
    codes = rng.integers(0, 2, 300)
    pictures = rng.integers(0, 60, (300, 16, 16, 3)).astype(np.uint8)
    pictures[codes == 0, :, :8] += 150
    pictures[codes == 1, :, 8:] += 150
    assert not may_mirror(pictures, codes.astype(np.float64))


def test_one_class_may_be_mirrored() -> None:
    assert may_mirror(np.zeros((5, 8, 8, 3), np.uint8), np.zeros(5))
