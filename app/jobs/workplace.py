"""The files of a job's folder: what it was told, what it says, its log, its sign of life."""

from __future__ import annotations

import contextlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

#: A log that grew beyond this loses its beginning …
MOST_LOG_BYTES = 6 << 20
#: … and keeps about this much of its end.
KEPT_LOG_BYTES = 4 << 20
_CUT = b"[The beginning of this log was dropped: it was too long.]\n"


@dataclass(frozen=True)
class JobFiles:
    """The places in a job's folder."""

    folder: Path

    @property
    def order(self) -> Path:
        """What the worker is told, as JSON."""
        return self.folder / "job.json"

    @property
    def messages(self) -> Path:
        return self.folder / "messages.jsonl"

    @property
    def log(self) -> Path:
        return self.folder / "log.txt"

    @property
    def lock(self) -> Path:
        return self.folder / ".lock"

    @property
    def temporary(self) -> Path:
        return self.folder / "tmp"

    @property
    def source(self) -> Path:
        """Files that were given to this job alone."""
        return self.folder / "source"

    @property
    def results(self) -> Path:
        """Files that this job made for a person to fetch."""
        return self.folder / "results"

    def empty_temporary(self) -> None:
        """Remove what an attempt left behind."""
        shutil.rmtree(self.temporary, ignore_errors=True)

    def bound_log(self) -> None:
        """Drop the beginning of a log that grew too long, while its worker may go on writing.

        A line written in this very moment may stand before the kept part or be lost; the log stays bounded.
        """
        with contextlib.suppress(OSError):
            size = self.log.stat().st_size
            if size <= MOST_LOG_BYTES:
                return
            with self.log.open("rb") as file:
                file.seek(size - KEPT_LOG_BYTES)
                kept = file.read(KEPT_LOG_BYTES)
            os.truncate(self.log, 0)
            with self.log.open("ab") as file:
                file.write(_CUT + kept.partition(b"\n")[2])

    def log_tail(self, lines: int) -> str:
        """Return the last `lines` lines of the log; "" when there is none."""
        try:
            with self.log.open("rb") as file:
                size = file.seek(0, os.SEEK_END)
                file.seek(max(0, size - KEPT_LOG_BYTES))
                text = file.read().decode("utf-8", errors="replace")
        except OSError:
            return ""
        return "\n".join(text.splitlines()[-lines:])
