"""MNIST's own format: one file of equally large pictures, and one of their labels."""

from __future__ import annotations

import gzip
import re
import struct
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import PurePosixPath

import numpy as np

from engine.errors import BadData
from engine.modalities.image.decoding import MOST_PIXELS
from engine.modalities.image.layout import SETS
from engine.modalities.image.source import Found, label_column, set_column
from engine.providers.archive import BROKEN
from engine.providers.files import Entry, Files
from engine.specs.schema import Column
from engine.words import words

_PICTURES = re.compile(r"idx[34]-u(?:byte|int8)(?:\.gz)?$", re.IGNORECASE)
_LABELS = re.compile(r"idx1-u(?:byte|int8)(?:\.gz)?$", re.IGNORECASE)
#: First bytes: unsigned bytes in 1, 3 or 4 dimensions.   Source: LeCun, Cortes & Burges, The MNIST database.
_ONE, _THREE, _FOUR = b"\0\0\x08\x01", b"\0\0\x08\x03", b"\0\0\x08\x04"
_SET_WORD = re.compile(r"[a-z]+|t10k", re.IGNORECASE)
_REMEDY = words("Download the files again.")


def is_idx_name(name: str) -> bool:
    """Tell by a file's name whether it is one of MNIST's, packed with gzip or not."""
    return bool(_PICTURES.search(name) or _LABELS.search(name))


def has_idx(names: list[str]) -> bool:
    """Tell whether a source holds pictures in MNIST's format."""
    return any(_PICTURES.search(name) for name in names)


class IdxPictures:
    """Every picture of every idx3 file, with its label where the file of labels is there too."""

    format = "idx"

    def __init__(self, files: Files) -> None:
        self._files = files
        named = {entry.name: entry for entry in files.entries}
        self._pairs = [
            (entry, _labels_of(entry.name, named)) for entry in files.entries if _PICTURES.search(entry.name)
        ]
        used = {entry.name for pair in self._pairs for entry in pair if entry is not None}
        self._others = [entry for entry in files.entries if entry.name not in used]
        # About one byte per pixel of 28 × 28; only the progress depends on it.
        self.total = max(1, sum(entry.bytes for entry, _ in self._pairs) // 784) + len(self._others)
        self.columns: tuple[Column, ...] = (label_column(), set_column())
        self.notes: tuple[str, ...] = tuple(
            words("No file of labels was found for {name!r}.", name=entry.name[-200:])
            for entry, labels in self._pairs
            if labels is None
        )

    def entries(self) -> Iterator[Found]:
        """Yield the pictures of all files in order; paths are the file's name and a number."""
        number = 0
        for entry, labels in self._pairs:
            for found in self._read(entry, labels, number):
                number = found.number
                yield found
        for entry in self._others:
            number += 1
            problem = "This file is no part of a pair of idx files."
            yield Found(number=number, name=entry.name, picture=None, problem=problem)

    def _read(self, entry: Entry, labels: Entry | None, number: int) -> Iterator[Found]:
        stem = entry.name.removesuffix(".gz")
        part = _set_of(entry.name)
        with ExitStack() as opened:
            try:
                pictures = _Unpacked(self._files, entry, opened)
                count, shape = _header(pictures, entry.name)
                names = None
                if labels is not None:
                    names = _Unpacked(self._files, labels, opened)
                    _check_labels(names, labels.name, count)
                for i in range(count):
                    content = pictures.take(int(np.prod(shape)))
                    label = None if names is None else str(names.take(1)[0])
                    number += 1
                    yield Found(
                        number=number,
                        name=f"{stem}/{i:05d}",
                        picture=np.frombuffer(content, np.uint8).reshape(shape),
                        values={"label": label, "set": part},
                    )
            except (OSError, *BROKEN) as problem:
                raise _broken(entry.name, str(problem)) from None


class _Unpacked:
    """One file, unpacked where it is packed, read bit by bit and counted."""

    def __init__(self, files: Files, entry: Entry, opened: ExitStack) -> None:
        self._files, self._name = files, entry.name
        packed = opened.enter_context(files.open(entry))
        is_packed = entry.name.lower().endswith(".gz")
        self._file = opened.enter_context(gzip.GzipFile(fileobj=packed)) if is_packed else packed

    def take(self, size: int) -> bytes:
        """Return the next `size` bytes.   Raises: BadData when there are fewer; TooMuch."""
        self._files.count(size)
        content = self._file.read(size)
        if len(content) != size:
            raise _broken(self._name, words("the end of the file"))
        return content


def _header(file: _Unpacked, name: str) -> tuple[int, tuple[int, ...]]:
    """How many pictures a file says it holds, and their shape."""
    magic = file.take(4)
    if magic not in (_THREE, _FOUR):
        raise _broken(name, words("other first bytes than those of an idx file of pictures"))
    sizes = struct.unpack(">3I" if magic == _THREE else ">4I", file.take(12 if magic == _THREE else 16))
    count, shape = sizes[0], sizes[1:]
    if len(shape) == 3 and shape[2] not in (1, 3):
        raise _broken(name, words("pictures of {n:,} colours", n=shape[2]))
    if 0 in shape or shape[0] * shape[1] > MOST_PIXELS:
        raise _broken(
            name, words("pictures of {height:,} × {width:,} pixels", height=shape[0], width=shape[1])
        )
    return count, shape[:2] if len(shape) == 3 and shape[2] == 1 else shape


def _check_labels(file: _Unpacked, name: str, count: int) -> None:
    if file.take(4) != _ONE:
        raise _broken(name, words("other first bytes than those of an idx file of labels"))
    found = struct.unpack(">I", file.take(4))[0]
    if found != count:
        raise _broken(name, words("{found:,} labels for {count:,} pictures", found=found, count=count))


def _labels_of(name: str, named: dict[str, Entry]) -> Entry | None:
    """The file of labels that belongs to a file of pictures: its name says labels and idx1 instead."""
    wanted = re.sub("idx[34]", "idx1", re.sub("image", "label", name.lower()))
    for other in (wanted, f"{wanted}.gz", wanted.removesuffix(".gz")):
        for candidate, entry in named.items():
            if candidate.lower() == other:
                return entry
    alone = [entry for candidate, entry in named.items() if _LABELS.search(candidate)]
    pictures = sum(1 for candidate in named if _PICTURES.search(candidate))
    return alone[0] if len(alone) == 1 and pictures == 1 else None


def _set_of(name: str) -> str | None:
    found = [word.lower() for word in _SET_WORD.findall(PurePosixPath(name).name)]
    return "test" if "t10k" in name.lower() else next((word for word in found if word in SETS), None)


def _broken(name: str, found: str) -> BadData:
    return BadData(
        words(
            "The file {name!r} is broken. Expected a whole idx file. Received: {found}.",
            name=name,
            found=found,
        ),
        remedy=_REMEDY,
    )
