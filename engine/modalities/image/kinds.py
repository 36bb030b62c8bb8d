"""What kind of picture bytes are, by their own marks and never by a name."""

from __future__ import annotations

import re
import struct
from typing import Literal

Kind = Literal["PNG", "JPEG", "WebP", "BMP", "TIFF"]

#: Names that people give to picture files, to tell at a glance whether a folder is about pictures.
PICTURE_SUFFIXES = frozenset(
    {".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".webp", ".bmp", ".dib", ".tif", ".tiff"}
)

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_END = b"\x00\x00\x00\x00IEND\xaeB`\x82"
#: Where compressed data stop: a marker that is neither a stuffed byte nor a restart.
_JPEG_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
_END = 0xD9


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


def own_bytes(content: bytes, kind: Kind) -> bytes | None:
    """Return a PNG or JPEG file without whatever follows its own end (another file may hide there).

    None when no end is found; the picture must be encoded anew then.
    """
    end = _end_of_png(content) if kind == "PNG" else _end_of_jpeg(content)
    return content[:end] if end else None


def _end_of_png(content: bytes) -> int:
    if content.endswith(_PNG_END) and content.count(b"IEND") == 1:
        return len(content)
    place = len(_PNG)
    while place + 12 <= len(content):
        size = int.from_bytes(content[place : place + 4], "big")
        name = content[place + 4 : place + 8]
        place += 12 + size
        if name == b"IEND":
            return place if place <= len(content) else 0
    return 0


def _end_of_jpeg(content: bytes) -> int:
    place = 2
    while found := _JPEG_MARKER.search(content, place):
        marker, place = content[found.end() - 1], found.end()
        if marker == _END:
            return place
        # Every other marker that a picture may hold says how long its segment is.
        place += int.from_bytes(content[place : place + 2], "big")
    return 0
