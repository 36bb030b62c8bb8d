"""Bytes are known by their own marks, and nothing rides along behind a picture's end."""

from __future__ import annotations

import io
import zipfile

import pytest
from PIL import Image

from engine.modalities.image.kinds import kind_of, own_bytes, webp_size
from tests.engine.modalities.image.samples import MODES, encoded, noise

PICTURE = noise(20, 30)


@pytest.mark.parametrize("form", MODES)
def test_every_kind_is_known_whatever_its_name(form: str) -> None:
    assert str(kind_of(encoded(PICTURE, form)[:32])).upper() == form


@pytest.mark.parametrize(
    "head", [b"", b"GIF89a", b"<svg/>", b"%PDF-1.7", b"RIFF\0\0\0\0WAVE", b"BMW drives on. " * 3]
)
def test_nothing_else_is(head: bytes) -> None:
    assert kind_of(head) is None


@pytest.mark.parametrize(
    "options", [{"lossless": True}, {"lossless": False}, {"exif": b"Exif\0\0MM\0*\0\0\0\x08\0\0"}]
)
def test_the_header_of_a_webp_tells_its_size(options: dict[str, object]) -> None:
    assert webp_size(encoded(PICTURE, "WEBP", **options)[:32]) == (30, 20)


def test_a_header_without_a_size_is_refused() -> None:
    for head in (b"RIFF\0\0\0\0WEBPVP8X", b"RIFF\0\0\0\0WEBPXXXX" + bytes(20)):
        with pytest.raises(ValueError, match=r"header|form"):
            webp_size(head)


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
