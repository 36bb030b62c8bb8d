"""How a picture's file is put together, seen without decoding: where it ends, and whether reading it is honest work."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass

from engine.modalities.image.kinds import Kind

#: More chunks, segments or numbers in a tag than any honest picture of 50 megapixels has. Each costs its reader some
#: microseconds, so that without a bound a few megabytes of empty ones would hold it for minutes.
MOST_PARTS = 200_000
_PNG_START = 8
#: Where compressed data stop: a marker that is neither a stuffed byte, a fill byte nor a restart.
_JPEG_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
_SCAN, _END = 0xDA, 0xD9
#: Types of TIFF values that are kept as one piece: bytes, text, signed and undefined bytes.
_PIECES = frozenset({1, 2, 6, 7})


@dataclass(frozen=True, kw_only=True)
class Structure:
    """What a file is made of.

    end: the place behind its own last byte, 0 where none was found or the kind of file tells none.
    parts: chunks of a PNG, segments of a JPEG, the longest list of numbers of a TIFF; counted up to `MOST_PARTS` + 1.
    passes: how often the decoder goes over the whole picture (scans of a JPEG).
    """

    end: int = 0
    parts: int = 0
    passes: int = 1


def structure_of(content: bytes, kind: Kind) -> Structure:
    """Return the structure of a file of a known kind, however broken it is."""
    if kind == "PNG":
        return _png(content)
    if kind == "JPEG":
        return _jpeg(content)
    if kind == "TIFF":
        return _tiff(content)
    return Structure()


def _png(content: bytes) -> Structure:
    """Source: PNG specification, third edition, section 5.3 (chunk layout)."""
    place, parts = _PNG_START, 0
    while place + 12 <= len(content) and parts <= MOST_PARTS:
        size = int.from_bytes(content[place : place + 4], "big")
        name = content[place + 4 : place + 8]
        place, parts = place + 12 + size, parts + 1
        if name == b"IEND":
            return Structure(end=place if place <= len(content) else 0, parts=parts)
    return Structure(parts=parts)


def _jpeg(content: bytes) -> Structure:
    """Source: ITU-T T.81, annex B (markers)."""
    place, parts, scans = 2, 0, 0
    while parts <= MOST_PARTS and (found := _JPEG_MARKER.search(content, place)):
        marker, place = content[found.end() - 1], found.end()
        parts += 1
        if marker == _END:
            return Structure(end=place, parts=parts, passes=max(scans, 1))
        scans += marker == _SCAN
        # Every other marker that a picture may hold says how long its segment is.
        place += int.from_bytes(content[place : place + 2], "big")
    return Structure(parts=parts, passes=max(scans, 1))


def _tiff(content: bytes) -> Structure:
    """Source: TIFF 6.0, section 2 (image file directory)."""
    order = "<" if content[:2] == b"II" else ">"
    try:
        start = struct.unpack_from(f"{order}I", content, 4)[0]
        count = struct.unpack_from(f"{order}H", content, start)[0]
        entries = [struct.unpack_from(f"{order}HHI", content, start + 2 + 12 * i) for i in range(count)]
    except struct.error:
        return Structure()
    longest = max((values for _, form, values in entries if form not in _PIECES), default=0)
    return Structure(parts=min(longest, MOST_PARTS + 1))
