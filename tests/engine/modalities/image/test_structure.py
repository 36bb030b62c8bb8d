"""A file's own end is found, so that nothing rides along behind it; more work than a picture is worth is seen."""

from __future__ import annotations

import io
import struct
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from engine.errors import BadData
from engine.modalities.image.decoding import decode
from engine.modalities.image.kinds import Kind
from engine.modalities.image.structure import MOST_PARTS, structure_of
from tests.engine.modalities.image.samples import encoded, noise, raw_png

PICTURE = noise(20, 30)


def own_bytes(content: bytes, kind: Kind) -> bytes | None:
    end = structure_of(content, kind).end
    return content[:end] if end else None


def hidden_archive() -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as archive:
        archive.writestr("run.exe", b"MZ")
    return kept.getvalue()


@pytest.mark.parametrize(("form", "kind"), [("PNG", "PNG"), ("JPEG", "JPEG")])
@pytest.mark.parametrize("tail", [b"", b"\0\0", b"<script>alert(1)</script>", hidden_archive()], ids=len)
def test_what_follows_the_pictures_end_is_cut(form: str, kind: str, tail: bytes) -> None:
    content = encoded(PICTURE, form)
    assert own_bytes(content + tail, "PNG" if kind == "PNG" else "JPEG") == content


@pytest.mark.parametrize(
    "options", [{"progressive": True}, {"restart_marker_rows": 1}, {"comment": b"\xff\xd9 not yet"}]
)
def test_the_end_of_a_jpeg_is_found_behind_all_its_parts(options: dict[str, object]) -> None:
    content = encoded(noise(200, 200), "JPEG", **options)
    assert own_bytes(content + b"more", "JPEG") == content


def test_a_picture_without_an_end_has_no_bytes_of_its_own() -> None:
    assert own_bytes(encoded(PICTURE, "PNG")[:-6], "PNG") is None
    assert own_bytes(encoded(PICTURE, "JPEG")[:-2], "JPEG") is None
    assert own_bytes(b"\x89PNG\r\n\x1a\n\xff\xff\xff\xffIDAT", "PNG") is None


def test_a_picture_that_was_cut_is_still_whole() -> None:
    content = own_bytes(encoded(PICTURE, "JPEG") + b"PK\x03\x04", "JPEG")
    assert content is not None
    with Image.open(io.BytesIO(content)) as image:
        image.load()
        assert image.size == (30, 20)


@given(st.binary(max_size=300), st.sampled_from(["PNG", "JPEG", "TIFF", "WebP", "BMP"]))
def test_any_bytes_have_a_structure(content: bytes, kind: Kind) -> None:
    found = structure_of(content, kind)
    assert 0 <= found.end <= len(content) and 0 <= found.parts <= MOST_PARTS + 1 and found.passes >= 1


def test_scans_are_counted() -> None:
    plain, progressive = encoded(noise(64, 64), "JPEG"), encoded(noise(64, 64), "JPEG", progressive=True)
    assert structure_of(plain, "JPEG").passes == 1 and 5 < structure_of(progressive, "JPEG").passes < 20


def slow_png() -> bytes:
    chunks = ((b"tIME", b""),) * (MOST_PARTS + 1)
    return raw_png(8, 8, 8, 2, bytes(200), *chunks)


def slow_segments() -> bytes:
    content = encoded(PICTURE, "JPEG")
    return content[:2] + b"\xff\xec\x00\x02" * (MOST_PARTS + 1) + content[2:]


def slow_scans() -> bytes:
    """The last scan of a progressive picture, again and again."""
    content = encoded(noise(1000, 1000), "JPEG", progressive=True)
    last = content.rindex(b"\xff\xda")
    return content[:last] + content[last:-2] * 1100 + content[-2:]


def slow_tiff() -> bytes:
    """A million strips, as its header says."""
    entries = [(256, 4, 1, 8), (257, 4, 1, 8), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1)]
    entries += [(273, 4, 1_000_000, 134), (277, 3, 1, 1), (278, 4, 1, 8), (279, 4, 1_000_000, 134)]
    tags = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return b"II*\0\x08\0\0\0" + struct.pack("<H", len(entries)) + tags + bytes(4_000_200)


@pytest.mark.parametrize(
    "made", [slow_png, slow_segments, slow_scans, slow_tiff], ids=lambda made: made.__name__
)
def test_more_work_than_a_picture_is_worth_is_refused_at_once(made: object) -> None:
    with pytest.raises(BadData, match="too long to read"):
        decode(made())  # type: ignore[operator]
