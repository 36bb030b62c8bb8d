"""Know a file again: its size, time and SHA-256."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

CHUNK_BYTES = 1 << 22


@dataclass(frozen=True, kw_only=True)
class Fingerprint:
    """What a file was when it was read.   name: without folders.   sha256: of its bytes, lower-case hex."""

    name: str
    bytes: int
    mtime_ns: int
    sha256: str


def fingerprint(path: Path) -> Fingerprint:
    """Read the whole file once.   Raises: OSError."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
    stat = path.stat()
    return Fingerprint(
        name=path.name, bytes=stat.st_size, mtime_ns=stat.st_mtime_ns, sha256=digest.hexdigest()
    )


def has_changed(path: Path, known: Fingerprint) -> bool:
    """Say whether the bytes differ from `known`; they are read again only when size or time differ."""
    stat = path.stat()
    if (stat.st_size, stat.st_mtime_ns) == (known.bytes, known.mtime_ns):
        return False
    return stat.st_size != known.bytes or fingerprint(path).sha256 != known.sha256
