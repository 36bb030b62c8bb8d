"""PNG is exact, thumbnails are small, and a dataset keeps nothing but a picture."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from engine.errors import BadData
from engine.modalities.image.decoding import decode, read_picture
from engine.modalities.image.encoding import canonical, encode_png, thumbnail
from tests.engine.modalities.image.samples import encoded, in_mode, noise


@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 9))
def test_png_gives_back_what_it_was_made_of(height: int, width: int, seed: int) -> None:
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    assert (decode(encode_png(pixels)) == pixels).all()
    assert (decode(encode_png(np.ascontiguousarray(pixels[..., 0]))) == pixels[..., :1]).all()


@pytest.mark.parametrize(
    ("height", "width", "expected"),
    [(100, 200, (50, 25)), (300, 30, (5, 50)), (20, 30, (30, 20)), (1, 1, (1, 1))],
)
def test_a_thumbnail_keeps_proportions_and_never_grows(
    height: int, width: int, expected: tuple[int, int]
) -> None:
    with Image.open(BytesIO(thumbnail(encode_png(noise(height, width)), 50))) as image:
        assert image.format == "JPEG" and image.size == expected


def test_a_thumbnail_of_no_picture_is_refused() -> None:
    with pytest.raises(BadData, match="not a picture"):
        thumbnail(b"<svg/>", 50)


def test_a_large_photograph_that_is_turned_stays_a_jpeg() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "a camera's name"
    content = encoded(noise(1200, 2000), "JPEG", exif=exif, quality=90)
    picture = read_picture(content)
    kept = canonical(picture)
    assert kept.startswith(b"\xff\xd8") and b"camera" not in kept
    assert picture.pixels.shape == (2000, 1200, 3)
    # Quality 95 with all its colour: no pixel moves more than a few steps.
    assert np.abs(decode(kept).astype(int) - picture.pixels).mean() < 1


def test_a_small_one_and_one_without_loss_become_png() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    for content in (
        encoded(noise(30, 40), "JPEG", exif=exif),
        encoded(in_mode(noise(30, 40), "RGBA"), "WEBP"),
    ):
        assert canonical(read_picture(content)).startswith(b"\x89PNG")
