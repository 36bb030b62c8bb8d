"""Many files as one source: a folder or a ZIP archive, listed in the order of names and read within bounds."""

from __future__ import annotations

import os
import stat
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Protocol

from engine.errors import BadData
from engine.providers.archive import (
    BROKEN,
    MOST_ENTRIES,
    PACKED_SUFFIXES,
    broken_archive,
    is_litter,
    most_unpacked,
    refuse_bad_names,
)
from engine.providers.folder import walk_folder
from engine.words import words

#: More files than a folder that anybody means to import.
MOST_FILES = 2_000_000
#: First bytes of a file that are looked at before the rest is read.
HEAD_BYTES = 256
_BLOCK = 1 << 20
_FEWER = words("Give fewer files at once, or a folder of this machine.")


class Unreadable(BadData):
    """One file of many cannot be read; the others can."""


class TooMuch(BadData):
    """The files hold more than they may: an archive that packs like a bomb, or a quota."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One file.   number: its place in the list, from 1.   name: relative, with "/".   bytes: as its holder says."""

    number: int
    name: str
    bytes: int


class Files(Protocol):
    """A list of files that can be read one by one, in any order, by one thread at a time.

    title: the source's own name.   entries: in the order of names.
    """

    title: str
    entries: tuple[Entry, ...]

    def open(self, entry: Entry) -> IO[bytes]:
        """Open one file to read.   Raises: Unreadable."""
        ...

    def count(self, size: int) -> None:
        """Take note that `size` bytes were read.   Raises: TooMuch."""
        ...


def read_file(files: Files, entry: Entry, *, most: int, check: Callable[[bytes], None]) -> bytes:
    """Return the bytes of one file.

    Args:   check: called with its first 256 bytes before the others are read; raises what it likes.
    Raises: Unreadable when it is broken, locked, or larger than `most`; TooMuch.
    """
    try:
        with files.open(entry) as file:
            content = file.read(HEAD_BYTES)
            files.count(len(content))
            check(content)
            parts = [content]
            size = len(content)
            while block := file.read(_BLOCK):
                files.count(len(block))
                size += len(block)
                if size > most:
                    raise Unreadable(
                        words("The file is too large. Expected at most {most:,} bytes.", most=most),
                        remedy=words("Make it smaller and try again."),
                    )
                parts.append(block)
    except (OSError, *BROKEN) as problem:
        raise _unreadable(problem) from None
    return b"".join(parts)


def unpack_file(files: Files, entry: Entry, target: Path) -> None:
    """Write one file to `target`.   Raises: Unreadable, TooMuch; OSError of the disk."""
    try:
        with files.open(entry) as file, target.open("wb") as plain:
            while block := file.read(_BLOCK):
                files.count(len(block))
                plain.write(block)
    except BROKEN as problem:
        raise _unreadable(problem) from None


def pack_folder(folder: Path, target: Path, *, most: int, progress: Callable[[float], None]) -> None:
    """Write every file of a folder into one ZIP archive, as they are; the same files make the same bytes.

    Args:   most: bytes that the files may have together.   progress: called with shares 0 … 1.
    Raises: Unreadable for a file that cannot be read; TooMuch; BadData for too many files; OSError of the disk.
    """
    files = _Folder(folder)
    if len(files.entries) > MOST_ENTRIES:
        raise _too_many(files.title, MOST_ENTRIES)
    total, done = max(1, sum(entry.bytes for entry in files.entries)), 0
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for entry in files.entries:
            with _readable(files, entry) as file, archive.open(_plain_info(entry), "w") as packed:
                while block := file.read(_BLOCK):
                    done += len(block)
                    if done > most:
                        raise _over(files.title, most)
                    packed.write(block)
            progress(min(1.0, done / total))


@contextmanager
def open_files(source: Path, *, max_bytes: int, packed: Callable[[str], bool]) -> Iterator[Files]:
    """Open a folder, or a ZIP archive, as a list of files; what is hidden or a link is not in it.

    Args:   max_bytes: most that an archive may hold, unpacked; a small one that packs like a bomb may hold less.
            packed: whether a file of this name inside an archive may itself be packed; any other condemns it.
    Raises: BadData when the archive is broken, or hostile by SECURITY C06 and C08, or has too many entries.
    """
    if source.is_dir():
        yield _Folder(source)
        return
    try:
        archive = zipfile.ZipFile(source)
    except BROKEN as problem:
        raise broken_archive(source, problem) from None
    with archive:
        yield _Archive(source, archive, most_unpacked(source, max_bytes), packed)


class _Folder:
    def __init__(self, folder: Path) -> None:
        self.title = folder.name
        self._folder = folder
        found = []
        for file in walk_folder(folder):
            if not is_litter(file.name):
                found.append((file.name, file.bytes))
            if len(found) > MOST_FILES:
                raise _too_many(self.title, MOST_FILES)
        self.entries = _numbered(found)

    def open(self, entry: Entry) -> IO[bytes]:
        """Not through a link, even one that was put there since the folder was listed."""
        descriptor = os.open(self._folder / entry.name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise OSError("not a plain file")
        return os.fdopen(descriptor, "rb")

    def count(self, size: int) -> None:
        """A folder's files take no room that they did not take before."""


class _Archive:
    def __init__(
        self, path: Path, archive: zipfile.ZipFile, most: int, packed: Callable[[str], bool]
    ) -> None:
        self.title = path.name
        self._archive = archive
        self._left = self._most = most
        listed = archive.infolist()
        if len(listed) > MOST_ENTRIES:
            raise _too_many(self.title, MOST_ENTRIES)
        refuse_bad_names(path, listed)
        kept = [item for item in listed if not item.is_dir() and not is_litter(item.filename)]
        self._items = {item.filename: item for item in kept}
        for name in self._items:
            if PurePosixPath(name).suffix.lower() in PACKED_SUFFIXES and not packed(name):
                raise BadData(
                    words(
                        "The archive {name!r} holds another archive, {inner!r}. Expected plain files.",
                        name=path.name,
                        inner=name[-100:],
                    ),
                    remedy=words("Unpack it on your own machine and pack the files themselves."),
                )
        self.entries = _numbered([(item.filename, item.file_size) for item in kept])

    def open(self, entry: Entry) -> IO[bytes]:
        try:
            return self._archive.open(self._items[entry.name])
        except BROKEN as problem:
            raise _unreadable(problem) from None

    def count(self, size: int) -> None:
        """Bytes are counted as they come, whatever the archive says of itself."""
        self._left -= size
        if self._left < 0:
            raise TooMuch(
                words(
                    "The archive {name!r} unpacks to more than it may. Expected at most {most:,} bytes. "
                    "Received more.",
                    name=self.title,
                    most=self._most,
                ),
                remedy=_FEWER,
            )


def _readable(files: Files, entry: Entry) -> IO[bytes]:
    try:
        return files.open(entry)
    except OSError as problem:
        raise Unreadable(
            words("The file {name!r} cannot be read.", name=entry.name[-200:]),
            remedy=words("Check its permissions, or take it out of the folder."),
        ) from problem


def _plain_info(entry: Entry) -> zipfile.ZipInfo:
    """An entry without time and owner; told its size, as one beyond 2 GiB needs other fields."""
    info = zipfile.ZipInfo(entry.name)
    info.file_size = entry.bytes
    return info


def _over(name: str, most: int) -> TooMuch:
    return TooMuch(
        words(
            "The folder {name!r} holds more than a dataset may. Expected at most {most:,} bytes.",
            name=name,
            most=most,
        ),
        remedy=words("Give a part of it, or raise AIMASS_MAX_UPLOAD_GIB."),
    )


def _numbered(found: list[tuple[str, int]]) -> tuple[Entry, ...]:
    found.sort()
    return tuple(Entry(number=i, name=name, bytes=size) for i, (name, size) in enumerate(found, start=1))


def _too_many(name: str, most: int) -> BadData:
    return BadData(
        words("{name!r} holds too many files. Expected at most {most:,}.", name=name, most=most),
        remedy=_FEWER,
    )


def _unreadable(problem: Exception) -> Unreadable:
    return Unreadable(
        words("The file cannot be read. Received: {problem}.", problem=str(problem)[:120].rstrip(".")),
        remedy=words("Copy or pack it again."),
    )
