"""Small pictures for people to look at: made once where a set is imported, read by place ever after.

One file holds them all: the JPEG files one after another, then where each begins (n + 1 whole numbers of 8 bytes, the
last being the end), then n, then `MAGIC`. So a page reads the few it shows out of a million, and whoever reads them
parses nothing that a stranger wrote.
"""

from __future__ import annotations

import os
import struct
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

import pyarrow.parquet

from engine.errors import BadData
from engine.files import sync_folder, temporary_beside
from engine.modalities.image.encoding import thumbnail
from engine.modalities.image.stored import read_different
from engine.words import words

THUMBNAILS = "thumbnails.bin"
#: Longer side in pixels: sharp in a tile of 96 pixels on most screens.
SIDE = 128
MAGIC = b"AIMTHUM1"
#: Larger ones are none that `thumbnail` made.
MOST_BYTES = 256 << 10
#: Progress is told so often.
_TOLD_ROWS = 64
_TAIL = struct.Struct("<Q8s")
_PLACE = struct.Struct("<QQ")

Progress = Callable[[float], None]


def write_thumbnails(
    data: Path, out: Path, side: int = SIDE, *, column: str = "image", progress: Progress | None = None
) -> None:
    """Write a thumbnail of every picture to `out`, in row order, whole or not at all; memory does not grow with rows.

    Args:    data: data.parquet of an import.   side: of the longer side, in pixels; smaller pictures stay small.
             column: the image column.   progress: called with the share done, 0 to 1.
    Raises:  BadData for a picture that cannot be decoded; OSError.
    """
    with pyarrow.parquet.ParquetFile(data) as file:
        total = max(1, file.metadata.num_rows)

    def made() -> Iterator[bytes]:
        for rows, pictures in read_different(data, column):
            small: dict[int | None, bytes] = {None: b""}
            for row, picture in zip(rows.tolist(), pictures.indices.to_pylist(), strict=True):
                if picture not in small:
                    small[picture] = thumbnail(pictures.dictionary[picture].as_py(), side)
                yield small[picture]
                if progress is not None and ((row + 1) % _TOLD_ROWS == 0 or row + 1 == total):
                    progress((row + 1) / total)

    pack(out, made())


def select_thumbnails(source: Path, rows: Iterable[int], out: Path) -> None:
    """Write those of `source` that stand at `rows`, in that order, to `out`.   Raises: BadData, OSError."""
    with source.open("rb") as file:
        count = _count(file, source)
        pack(out, (_one(file, source, count, row) for row in rows))


def read_thumbnails(out: Path, rows: Sequence[int]) -> list[bytes]:
    """Return the thumbnails at `rows` as JPEG files, b"" for a row without a picture; only these are read.

    Raises: BadData for a row that is not there, or a file that `write_thumbnails` did not write; OSError.
    """
    with out.open("rb") as file:
        count = _count(file, out)
        return [_one(file, out, count, row) for row in rows]


def pack(out: Path, pictures: Iterable[bytes]) -> None:
    """Write small JPEG files as one file that `read_thumbnails` reads, whole or not at all.   Raises: OSError."""
    temporary = temporary_beside(out)
    places, end = array("Q", [0]), 0
    try:
        with temporary.open("wb") as file:
            for content in pictures:
                file.write(content)
                end += len(content)
                places.append(end)
            places.tofile(file)  # the machines we run on are little-endian
            file.write(_TAIL.pack(len(places) - 1, MAGIC))
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(out)
    finally:
        temporary.unlink(missing_ok=True)
    sync_folder(out.parent)


def _count(file: BinaryIO, path: Path) -> int:
    size = file.seek(0, os.SEEK_END)
    if size < _TAIL.size:
        raise _broken(path)
    file.seek(size - _TAIL.size)
    count, magic = _TAIL.unpack(file.read(_TAIL.size))
    if magic != MAGIC or _TAIL.size + 8 * (count + 1) > size:
        raise _broken(path)
    return int(count)


def _one(file: BinaryIO, path: Path, count: int, row: int) -> bytes:
    if not 0 <= row < count:
        raise BadData(
            words("There is no picture {row:,}. Expected one of {n:,}.", row=row, n=count),
            remedy=words("Load the page again."),
        )
    file.seek(-(_TAIL.size + 8 * (count + 1 - row)), os.SEEK_END)
    start, end = _PLACE.unpack(file.read(_PLACE.size))
    if not 0 <= end - start <= MOST_BYTES:
        raise _broken(path)
    file.seek(start)
    content = file.read(end - start)
    if len(content) != end - start:
        raise _broken(path)
    return content


def _broken(path: Path) -> BadData:
    return BadData(
        words("The small pictures in {name!r} cannot be read.", name=path.name),
        remedy=words("Import the dataset again."),
    )
