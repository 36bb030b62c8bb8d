"""What a handler is given: its arguments, its places, its limits, and how to speak."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.settings import Settings
from engine.modalities.table.limits import ImportLimits
from store.folder import DataFolder


@dataclass(frozen=True, kw_only=True)
class Job:
    """One attempt at a job, seen from inside its worker.

    arguments: JSON values from whoever submitted it.   folder: its own, private to it.   data: the data folder.
    emit: appends one event, a mapping with "event"; the control process shows it.
    """

    id: str
    kind: str
    subject: str
    attempt: int
    arguments: Mapping[str, Any]
    folder: Path
    data: DataFolder
    settings: Settings
    emit: Callable[[Mapping[str, Any]], None]

    @property
    def temporary(self) -> Path:
        """A folder for what need not outlive the attempt; it is emptied when the attempt has ended."""
        return self.folder / "tmp"

    def progress(self, share: float, note: str = "") -> None:
        """Say how much is done, 0 to 1, and with `note` what is being done."""
        told = {"event": "progress", "share": round(share, 4)}
        self.emit({**told, "note": note} if note else told)

    def limits(self, *, max_unpacked_bytes: int | None = None) -> ImportLimits:
        """Return the bounds for reading a table here."""
        limits = ImportLimits(
            memory_bytes=self.settings.memory_bytes,
            threads=self.settings.threads,
            temporary_folder=self.temporary,
        )
        if max_unpacked_bytes is None:
            return limits
        return ImportLimits(
            memory_bytes=limits.memory_bytes,
            threads=limits.threads,
            temporary_folder=limits.temporary_folder,
            max_unpacked_bytes=max_unpacked_bytes,
        )
