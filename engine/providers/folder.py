"""Folders of this machine as a source of files: look around and take one, never outside, never through a link."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from engine.errors import BadCommand
from engine.words import words

#: A folder with more entries is shown in part.
MOST_ENTRIES = 2_000
_MOST_NAME_BYTES = 255


@dataclass(frozen=True, kw_only=True)
class FolderEntry:
    """A file or folder.   bytes: of a file, 0 for a folder."""

    name: str
    is_folder: bool
    bytes: int


def list_folder(root: Path, path: str) -> tuple[FolderEntry, ...]:
    """Return what lies in `root`/`path`: folders first, then plain files, by name; at most 2,000.

    Hidden names, links, devices and what cannot be read are left out.   Raises: BadCommand.
    """
    place = _inside(root, path)
    try:
        with os.scandir(place) as entries:
            found = [entry for entry in map(_entry, entries) if entry is not None]
    except OSError:
        raise _no_such(path) from None
    return tuple(sorted(found, key=lambda entry: (not entry.is_folder, entry.name.casefold())))[:MOST_ENTRIES]


def folder_in(root: Path, path: str) -> Path | None:
    """Return the folder `root`/`path` when it is one, None for a file or nothing.

    Raises: BadCommand for a path that leads outside.
    """
    place = _inside(root, path)
    return place if place.is_dir() else None


def file_in(root: Path, path: str) -> Path:
    """Return the plain file `root`/`path`.   Raises: BadCommand when it is none, or lies outside."""
    place = _inside(root, path)
    try:
        status = place.lstat()
    except OSError:
        raise _no_such(path) from None
    if not stat.S_ISREG(status.st_mode) or not os.access(place, os.R_OK):
        raise BadCommand(
            words("{path!r} is not a file that can be read.", path=path[-200:]),
            remedy=words("Choose a file from the list."),
        )
    return place


@dataclass(frozen=True, kw_only=True)
class FoundFile:
    """A plain file below a folder.   name: relative, with "/" between its parts.

    changed_ns: the newest time of the file and of the folders on the way to it, as a file that was moved or renamed
        keeps its own.
    """

    name: str
    bytes: int
    changed_ns: int


def walk_folder(folder: Path) -> Iterator[FoundFile]:
    """Yield every plain file in `folder` and below, in no order; hidden names, links and devices are left out.

    A folder below that cannot be read is left out too; names that are no text are as well.
    """
    waiting = [("", 0)]
    while waiting:
        place, changed_ns = waiting.pop()
        try:
            changed_ns = max(changed_ns, (folder / place).stat().st_mtime_ns)
            with os.scandir(folder / place) as entries:
                for entry in entries:
                    found = _entry(entry)
                    if found is None:
                        continue
                    name = f"{place}{entry.name}"
                    if found.is_folder:
                        waiting.append((f"{name}/", changed_ns))
                    else:
                        own_ns = entry.stat(follow_symlinks=False).st_mtime_ns
                        yield FoundFile(name=name, bytes=found.bytes, changed_ns=max(own_ns, changed_ns))
        except OSError:
            continue


def _inside(root: Path, path: str) -> Path:
    """Follow `path` name by name: whoever may write in `root` may put a link there, but not lead us out by it."""
    parts = PurePosixPath(path).parts
    if "\0" in path or "\\" in path or any(part in ("..", "/", "//") for part in parts):
        raise _no_such(path)
    place = root.resolve()
    for part in parts:
        place = place / part
        # A part that no file system takes is refused as one that is not there.
        if (
            part.startswith(".")
            or len(part.encode("utf-8", "replace")) > _MOST_NAME_BYTES
            or place.is_symlink()
        ):
            raise _no_such(path)
    return place


def _entry(entry: os.DirEntry[str]) -> FolderEntry | None:
    if entry.name.startswith(".") or entry.is_symlink():
        return None
    try:
        # Names that are no text could neither be shown nor asked for.
        entry.name.encode()
        is_folder = entry.is_dir(follow_symlinks=False)
        if not is_folder and not entry.is_file(follow_symlinks=False):
            return None
        size = 0 if is_folder else entry.stat(follow_symlinks=False).st_size
    except (OSError, UnicodeEncodeError):
        return None
    return FolderEntry(name=entry.name, is_folder=is_folder, bytes=size)


def _no_such(path: str) -> BadCommand:
    return BadCommand(
        words("There is no {path!r} to take a file from. Expected a path from the list.", path=path[-200:]),
        remedy=words("Choose a file from the list."),
    )
