"""Each change keeps the picture's shape, and does more the stronger it is."""

from __future__ import annotations

import numpy as np
import pytest

from engine.evaluation.strains import STRAINS, Strain

EACH = pytest.mark.parametrize("strain", STRAINS, ids=lambda strain: strain.kind)


def scene(height: int = 60, width: int = 80) -> np.ndarray:
    """Return edges, slopes and colours."""
    down, across = np.mgrid[0:height, 0:width]
    squares = ((down // 10 + across // 10) % 2) * 120
    return np.stack([squares + down, squares + across, 200 - squares], axis=-1).clip(0, 255).astype(np.uint8)


@EACH
@pytest.mark.parametrize("size", [(60, 80), (1, 1), (3, 90)])
def test_the_shape_stays(strain: Strain, size: tuple[int, int]) -> None:
    pixels = scene(*size)
    for strength in strain.strengths:
        changed = strain.apply(pixels, strength, np.random.default_rng(0))
        assert changed.shape == pixels.shape
        assert changed.dtype == np.uint8


@EACH
def test_stronger_is_farther_from_the_original(strain: Strain) -> None:
    pixels = scene()
    distances = [
        np.abs(strain.apply(pixels, strength, np.random.default_rng(0)).astype(float) - pixels).mean()
        for strength in strain.strengths
    ]
    assert 0.0 < distances[0] < distances[1] < distances[2]


def test_light_goes_the_way_it_is_called() -> None:
    by_kind = {strain.kind: strain for strain in STRAINS}
    pixels, rng = scene(), np.random.default_rng(0)
    assert by_kind["dark"].apply(pixels, 0.5, rng).mean() == pytest.approx(pixels.mean() / 2, rel=0.02)
    assert by_kind["bright"].apply(pixels, 1.3, rng).mean() > pixels.mean()


def test_kinds_are_unique_and_the_original_is_left_alone() -> None:
    assert len({strain.kind for strain in STRAINS}) == len(STRAINS)
    pixels = scene()
    before = pixels.copy()
    for strain in STRAINS:
        strain.apply(pixels, strain.strengths[2], np.random.default_rng(0))
    np.testing.assert_array_equal(pixels, before)
