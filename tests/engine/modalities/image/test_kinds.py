"""Bytes are known by their own marks, whatever a name says."""

from __future__ import annotations

import pytest

from engine.modalities.image.kinds import kind_of, webp_size
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
