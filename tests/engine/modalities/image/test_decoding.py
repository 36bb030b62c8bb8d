"""One decoder reads every supported picture alike, and nothing that a stranger sends gets past it (C10, C11)."""

from __future__ import annotations

import struct
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from engine.errors import BadData
from engine.modalities.image.decoding import MOST_PIXELS, decode, read_picture
from engine.modalities.image.encoding import canonical
from tests.engine.modalities.image.samples import MODES, encoded, in_mode, noise, raw_png

PICTURE = noise(24, 40)
KINDS = [(form, mode) for form, modes in MODES.items() for mode in modes]


@pytest.mark.parametrize(("form", "mode"), KINDS)
def test_every_kind_and_mode_becomes_eight_bit_colours(form: str, mode: str) -> None:
    image = in_mode(PICTURE, mode)
    found = decode(encoded(image, form))
    assert found.shape == (24, 40, 3) and found.dtype == np.uint8
    if mode in ("LA", "RGBA"):
        colours, alpha = np.asarray(image)[..., :-1].astype(float), np.asarray(image)[..., -1:] / 255
        expected = np.broadcast_to(np.rint(colours * alpha + 255 * (1 - alpha)), (24, 40, 3))
    elif mode == "I;16":
        expected = np.repeat(np.rint(np.asarray(image) / 257)[..., None], 3, axis=2)
    else:
        expected = np.asarray(image.convert("RGB")).astype(float)
    # JPEG loses a little; alpha is rounded in another order by WebP and Pillow.
    slack = 12 if form == "JPEG" else 2
    assert np.abs(found - expected).max() <= slack


@pytest.mark.parametrize(("form", "mode"), KINDS)
def test_what_a_dataset_keeps_is_the_same_picture(form: str, mode: str) -> None:
    content = encoded(in_mode(PICTURE, mode), form)
    picture = read_picture(content)
    kept = canonical(picture)
    with Image.open(BytesIO(kept)) as image:
        assert image.format in ("PNG", "JPEG") and image.mode in ("L", "RGB")
    assert (decode(kept) == decode(content)).all()
    is_plain = form in ("PNG", "JPEG") and mode in ("L", "RGB")
    assert (kept == content) == is_plain


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_is_turned_as_its_exif_data_say(form: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    content = encoded(PICTURE, form, exif=exif)
    # Row 0 and column 0 of the stored picture lie, by EXIF 2.32, at …
    turned = {
        1: PICTURE,
        2: PICTURE[:, ::-1],
        3: PICTURE[::-1, ::-1],
        4: PICTURE[::-1],
        5: PICTURE.swapaxes(0, 1),
        6: PICTURE[::-1].swapaxes(0, 1),
        7: PICTURE[::-1, ::-1].swapaxes(0, 1),
        8: PICTURE[:, ::-1].swapaxes(0, 1),
    }[orientation]
    found = decode(content)
    assert found.shape == turned.shape and np.abs(found.astype(int) - turned).max() <= 12
    # The kept copy is upright for everyone, also for those who turn pictures themselves.
    kept = canonical(read_picture(content))
    assert (decode(kept) == found).all()
    with Image.open(BytesIO(kept)) as image:
        assert image.size == found.shape[1::-1] and image.getexif().get(0x0112, 1) == 1


def test_broken_exif_data_cost_no_picture() -> None:
    content = encoded(PICTURE, "JPEG", exif=b"Exif\0\0MM\0*\xff\xff\xff\xff" + b"\xff" * 40)
    assert decode(content).shape == PICTURE.shape


@pytest.mark.parametrize("colour", [0, 2, 4, 6])
def test_sixteen_bits_become_eight(colour: int) -> None:
    channels = {0: 1, 2: 3, 4: 2, 6: 4}[colour]
    values = np.random.default_rng(1).integers(0, 65_536, (5, 7, channels)).astype(">u2")
    if channels in (2, 4):
        values[..., -1] = 65_535
    content = raw_png(7, 5, 16, colour, b"".join(b"\0" + row.tobytes() for row in values))
    colours = values[..., : channels - 1] if channels in (2, 4) else values
    assert np.abs(decode(content) - np.broadcast_to(colours / 257, (5, 7, 3))).max() <= 1
    assert canonical(read_picture(content)) != content


def test_a_transparent_colour_lies_on_white() -> None:
    grey = np.array([[0, 100], [200, 100]], np.uint8)
    image = Image.fromarray(grey)
    found = decode(encoded(image, "PNG", transparency=100))
    assert found[..., 0].tolist() == [[0, 255], [200, 255]]
    palette = Image.fromarray(grey).convert("P")
    assert decode(encoded(palette, "PNG", transparency=100))[0, 1].tolist() == [255, 255, 255]


HUGE = {
    "PNG": raw_png(60_000, 60_000, 8, 2, b""),
    "WebP": b"RIFF\x40\0\0\0WEBPVP8X\n\0\0\0\0\0\0\0" + b"\x3f\x3f\0" * 2 + bytes(40),
    "WebP lossless": b"RIFF\x40\0\0\0WEBPVP8L\x20\0\0\0\x2f" + struct.pack("<I", 0x0FFFFFFF) + bytes(40),
    "WebP lossy": b"RIFF\x40\0\0\0WEBPVP8 \x20\0\0\0" + b"\x10\0\0\x9d\x01\x2a\xff\x3f\xff\x3f" + bytes(40),
    "BMP": b"BM" + bytes(12) + struct.pack("<IiiHHIIiiII", 40, 60_000, 60_000, 1, 24, 0, 0, 0, 0, 0, 0),
}


@pytest.mark.parametrize("kind", HUGE)
def test_a_bomb_is_refused_by_its_header(kind: str) -> None:
    with pytest.raises(BadData, match="too large"):
        decode(HUGE[kind])


def test_a_jpeg_bomb_and_a_tiff_bomb_are_refused() -> None:
    small = encoded(PICTURE, "JPEG")
    place = small.index(b"\xff\xc0") + 5
    with pytest.raises(BadData, match="too large"):
        decode(small[:place] + struct.pack(">HH", 60_000, 60_000) + small[place + 4 :])
    entries = [(256, 4, 1, 60_000), (257, 4, 1, 60_000), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1)]
    entries += [(273, 4, 1, 8), (277, 3, 1, 1), (278, 4, 1, 60_000), (279, 4, 1, 100)]
    tags = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    with pytest.raises(BadData, match="too large"):
        decode(b"II*\0\x08\0\0\0" + struct.pack("<H", len(entries)) + tags + bytes(4))


def test_fifty_megapixels_are_still_read() -> None:
    width = MOST_PIXELS // 5
    rows = b"".join(b"\0" + bytes(width // 8) for _ in range(5))
    assert decode(raw_png(width, 5, 1, 0, rows)).shape == (5, width, 3)


@pytest.mark.parametrize("form", ["PNG", "WEBP", "TIFF"])
def test_what_moves_or_has_pages_is_refused(form: str) -> None:
    frames = [Image.fromarray(noise(16, 16, seed)) for seed in range(3)]
    content = encoded(frames[0], form, save_all=True, append_images=frames[1:])
    with pytest.raises(BadData, match="moves or has several pages"):
        decode(content)


def test_a_telephones_second_picture_is_left_out() -> None:
    frames = [Image.fromarray(noise(16, 16, seed)) for seed in range(2)]
    content = encoded(frames[0], "MPO", save_all=True, append_images=frames[1:])
    picture = read_picture(content)
    assert np.abs(picture.pixels.astype(int) - noise(16, 16, 0)).mean() < 20
    assert len(canonical(picture)) < len(content)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "an SVG drawing"),
        (b"<?xml version='1.0'?><svg/>", "an SVG drawing"),
        (b"GIF89a" + bytes(100), "a GIF"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 1 1", "something else"),
        (b"\x0a\x05\x01\x08" + bytes(100), "something else"),
        (b"", "something else"),
        (b"BM is how this letter begins", "something else"),
    ],
)
def test_no_other_kind_is_ever_opened(content: bytes, what: str) -> None:
    with pytest.raises(BadData, match=what):
        decode(content)


@pytest.mark.parametrize("form", MODES)
def test_a_truncated_file_is_no_picture(form: str) -> None:
    content = encoded(noise(64, 64), form)
    for size in (20, 40, len(content) // 2, len(content) - 40):
        with pytest.raises(BadData):
            decode(content[:size])


@pytest.mark.parametrize("mode", ["F", "I", "LAB"])
def test_colours_without_a_scale_are_refused(mode: str) -> None:
    held = Image.new(mode, (8, 8))
    with pytest.raises(BadData, match="stores its colours as"):
        decode(encoded(held, "TIFF"))


SEEDS = tuple(encoded(in_mode(noise(9, 13), mode), form) for form, mode in KINDS)


@given(
    seed=st.sampled_from(SEEDS),
    edits=st.lists(st.tuples(st.floats(0, 1), st.binary(min_size=0, max_size=6)), min_size=1, max_size=8),
    cut=st.floats(0.2, 1),
)
def test_a_mutated_file_is_a_picture_or_bad_data(
    seed: bytes, edits: list[tuple[float, bytes]], cut: float
) -> None:
    content = bytearray(seed)
    for place, change in edits:
        start = int(place * (len(content) - 1))
        content[start : start + len(change)] = change
    try:
        found = decode(bytes(content[: max(1, int(cut * len(content)))]))
    except BadData as problem:
        assert problem.remedy and "object at 0x" not in problem.message
    else:
        assert found.ndim == 3 and found.shape[2] == 3 and found.dtype == np.uint8


@given(st.binary(max_size=200))
def test_random_bytes_behind_a_true_beginning_raise_nothing_else(tail: bytes) -> None:
    beginnings = [b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"RIFF\x10\0\0\0WEBPVP8 ", b"II*\0", b"MM\0*"]
    beginnings.append(b"BM" + bytes(12) + struct.pack("<I", 40))
    for head in beginnings:
        with pytest.raises(BadData):
            decode(head + tail)


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_a_tall_picture_lies_on_white_without_seams(mode: str) -> None:
    image = in_mode(noise(700, 30), mode)
    whole = Image.alpha_composite(Image.new("RGBA", image.size, (255, 255, 255, 255)), image.convert("RGBA"))
    assert (decode(encoded(image)) == np.asarray(whole.convert("RGB"))).all()
