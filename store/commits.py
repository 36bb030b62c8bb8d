"""A counter beside the database that tells, at the next start, whether confirmed changes were lost.

DuckDB opens without a word when its write-ahead log is missing, empty or cut, and the changes in it are gone
(RELIABILITY facts 4 and 5). Every transaction counts itself inside the database; once it is confirmed the count is
written here too. A database that then knows of fewer transactions than this file has lost some.
"""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass
from pathlib import Path

#: One sector: written in one piece, whatever happens.
_WIDTH = 128
#: A count that is older than the database's is harmless, so it need not be flushed with every transaction.
_FLUSH_EVERY_S = 1.0


@dataclass(frozen=True)
class Count:
    """What the file says.   database: the identifier of the database that it belongs to."""

    database: str
    commits: int


def read_count(path: Path) -> Count | None:
    """Return what the file says; None where it is missing or cannot be read."""
    try:
        value = json.loads(path.read_text(encoding="ascii"))
        return Count(str(value["database"]), int(value["commits"]))
    except (OSError, ValueError, TypeError, KeyError):
        return None


class CommitCount:
    """The open counter file of a database; one thread at a time."""

    def __init__(self, path: Path, start: Count) -> None:
        """Open or make the file and write `start`.   Raises: OSError."""
        self._database = start.database
        self._flushed_at = 0.0
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        os.ftruncate(self._descriptor, _WIDTH)
        self.write(start.commits)

    def write(self, commits: int) -> None:
        """Write the count of confirmed transactions; flushed to the disk once a second.   Raises: OSError."""
        text = json.dumps({"database": self._database, "commits": commits})
        os.pwrite(self._descriptor, text.ljust(_WIDTH - 1).encode() + b"\n", 0)
        if time.monotonic() - self._flushed_at > _FLUSH_EVERY_S:
            os.fdatasync(self._descriptor)
            self._flushed_at = time.monotonic()

    def close(self) -> None:
        """Flush and close the file."""
        os.fsync(self._descriptor)
        os.close(self._descriptor)
