"""What kind of picture bytes are, by their own marks and never by a name."""

from __future__ import annotations

import struct
from typing import Literal

Kind = Literal["PNG", "JPEG", "WebP", "BMP", "TIFF"]

#: Names that people give to picture files, to tell at a glance whether a folder is about pictures.
PICTURE_SUFFIXES = frozenset(
    {".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".webp", ".bmp", ".dib", ".tif", ".tiff"}
)

_PNG = b"\x89PNG\r\n\x1a\n"


def kind_of(head: bytes) -> Kind | None:
    """Return the kind of picture that begins with `head` (32 bytes will do), None for all else.

    >>> kind_of(b"\\x89PNG\\r\\n\\x1a\\n..."), kind_of(b"<svg/>")
    ('PNG', None)
    """
    if head.startswith(_PNG):
        return "PNG"
    if head.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WebP"
    if head[:4] in (b"II*\0", b"MM\0*"):
        return "TIFF"
    # Two letters are little: the four bytes at 6 are reserved, and the header's size is one of the known ones.
    if head[:2] == b"BM" and len(head) >= 18 and head[14:18] in _BMP_HEADERS:
        return "BMP"
    return None


_BMP_HEADERS = frozenset(struct.pack("<I", size) for size in (12, 40, 52, 56, 64, 108, 124))


def webp_size(head: bytes) -> tuple[int, int]:
    """Return (width, height) in pixels as the first 32 bytes of a WebP file tell them.

    Raises: ValueError when they do not.   Source: RFC 9649, sections 2.5–2.7.
    """
    form = head[12:16]
    if len(head) < 30:
        raise ValueError("the header is cut off")
    if form == b"VP8X":
        return 1 + int.from_bytes(head[24:27], "little"), 1 + int.from_bytes(head[27:30], "little")
    if form == b"VP8L":
        bits = int.from_bytes(head[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if form == b"VP8 ":
        width, height = struct.unpack("<HH", head[26:30])
        return width & 0x3FFF, height & 0x3FFF
    raise ValueError("an unknown form of WebP")
