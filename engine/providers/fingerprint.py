"""Know a file or a folder again: its size, time and SHA-256."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from engine.providers.folder import FoundFile, walk_folder

CHUNK_BYTES = 1 << 22


@dataclass(frozen=True, kw_only=True)
class Fingerprint:
    """What a file was when it was read.   name: without folders.   sha256: of its bytes, lower-case hex.

    Of a folder: the sum of its files' bytes, the newest time of a file or folder in it, and the hash of all names,
    sizes and bytes in the order of the names.
    """

    name: str
    bytes: int
    mtime_ns: int
    sha256: str


def fingerprint(path: Path) -> Fingerprint:
    """Read the whole file, or every file of the folder that `walk_folder` finds, once.   Raises: OSError."""
    digest = hashlib.sha256()
    if path.is_dir():
        files = _files(path)
        for file in files:
            digest.update(f"{len(file.name.encode())}:{file.name}:{file.bytes}:".encode())
            _add(digest, path / file.name)
        size, changed = _totals(files)
    else:
        _add(digest, path)
        stat = path.stat()
        size, changed = stat.st_size, stat.st_mtime_ns
    return Fingerprint(name=path.name, bytes=size, mtime_ns=changed, sha256=digest.hexdigest())


def has_changed(path: Path, known: Fingerprint) -> bool:
    """Say whether the bytes differ from `known`; they are read again only when size or time differ."""
    if path.is_dir():
        size, changed = _totals(_files(path))
    else:
        stat = path.stat()
        size, changed = stat.st_size, stat.st_mtime_ns
    if (size, changed) == (known.bytes, known.mtime_ns):
        return False
    return size != known.bytes or fingerprint(path).sha256 != known.sha256


def _files(folder: Path) -> list[FoundFile]:
    return sorted(walk_folder(folder), key=lambda file: file.name)


def _totals(files: list[FoundFile]) -> tuple[int, int]:
    return sum(file.bytes for file in files), max((file.changed_ns for file in files), default=0)


def _add(digest: hashlib._Hash, path: Path) -> None:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
