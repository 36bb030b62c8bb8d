"""The numbers of light and colour are those of their definitions, for one picture and for many."""

from __future__ import annotations

import colorsys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from engine.modalities.image.measures import MEASURED_SIDE, NAMES, measure, shrink
from tests.engine.modalities.image.samples import noise


def by_definition(picture: np.ndarray) -> dict[str, float]:
    """Pixel by pixel, as the sources write it."""
    red, green, blue = (picture[..., i].astype(float) for i in range(3))
    luma = 0.299 * red + 0.587 * green + 0.114 * blue
    saturation = [colorsys.rgb_to_hsv(*(pixel / 255))[1] for pixel in picture.reshape(-1, 3)]
    rg, yb = red - green, 0.5 * (red + green) - blue
    laplacian = [
        luma[i - 1, j] + luma[i + 1, j] + luma[i, j - 1] + luma[i, j + 1] - 4 * luma[i, j]
        for i in range(1, picture.shape[0] - 1)
        for j in range(1, picture.shape[1] - 1)
    ]
    return {
        "brightness": luma.mean() / 255,
        "contrast": luma.std() / 255,
        "saturation": float(np.mean(saturation)),
        "colourfulness": float(np.hypot(rg.std(), yb.std()) + 0.3 * np.hypot(rg.mean(), yb.mean())),
        "sharpness": float(np.var(laplacian)) if laplacian else 0.0,
    }


@given(st.integers(1, 9), st.integers(1, 9), st.integers(0, 99))
def test_they_are_as_defined(height: int, width: int, seed: int) -> None:
    pictures = np.random.default_rng(seed).integers(0, 256, (3, height, width, 3), dtype=np.uint8)
    found = measure(pictures)
    assert tuple(found) == NAMES
    for i, picture in enumerate(pictures):
        expected = by_definition(picture)
        assert {name: values[i] for name, values in found.items()} == pytest.approx(
            expected, rel=1e-4, abs=1e-4
        )


@pytest.mark.parametrize(
    ("colour", "expected"),
    [
        ((0, 0, 0), {"brightness": 0, "saturation": 0, "colourfulness": 0}),
        ((255, 255, 255), {"brightness": 1, "saturation": 0, "colourfulness": 0}),
        ((255, 0, 0), {"brightness": 0.299, "saturation": 1, "colourfulness": 0.3 * np.hypot(255, 127.5)}),
    ],
)
def test_a_flat_picture_is_what_it_looks_like(
    colour: tuple[int, int, int], expected: dict[str, float]
) -> None:
    found = measure(np.full((1, 8, 8, 3), colour, np.uint8))
    assert {name: found[name][0] for name in expected} == pytest.approx(expected, abs=1e-5)
    assert found["contrast"][0] == pytest.approx(0, abs=1e-6) and found["sharpness"][0] == pytest.approx(
        0, abs=1e-6
    )


def test_blur_lowers_sharpness_and_darkness_brightness() -> None:
    sharp = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    blurred = np.asarray(Image.fromarray(sharp).resize((16, 16)).resize((64, 64)))
    found = measure(np.stack([sharp, blurred, sharp // 2]))
    assert found["sharpness"][1] < found["sharpness"][0] / 10
    assert found["brightness"][2] == pytest.approx(found["brightness"][0] / 2, abs=0.01)


@pytest.mark.parametrize("size", [(10, 10), (256, 256), (257, 10), (5000, 3000), (1, 40_000)])
def test_only_large_pictures_are_reduced(size: tuple[int, int]) -> None:
    image = Image.new("RGB", size, (10, 20, 30))
    reduced = shrink(image)
    assert max(reduced.size) <= MEASURED_SIDE
    assert (reduced is image) == (max(size) <= MEASURED_SIDE)
    assert reduced.getpixel((0, 0)) == (10, 20, 30)


def test_a_picture_and_its_larger_self_measure_alike() -> None:
    small = noise(128, 128)
    large = np.asarray(Image.fromarray(small).resize((1024, 1024), Image.Resampling.BOX))
    reduced = np.asarray(shrink(Image.fromarray(large)))
    one, other = measure(small[None]), measure(reduced[None])
    for name in ("brightness", "contrast", "saturation", "colourfulness"):
        assert other[name][0] == pytest.approx(one[name][0], rel=0.02)
