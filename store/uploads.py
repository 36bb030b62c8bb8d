"""Files on their way in: what was announced, what arrived, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from store.table import Reads, Table, Writes


@dataclass(frozen=True, kw_only=True)
class Upload:
    """One file of one person.   name: as they call it, never a path.   bytes: as announced."""

    id: str
    user_id: str
    name: str
    bytes: int
    created_at: datetime
    finished_at: datetime | None = None
    consumed_at: datetime | None = None


UPLOADS = Table("uploads", Upload)


def add(tx: Writes, upload: Upload) -> Upload:
    """Write a new upload."""
    return UPLOADS.insert(tx, upload)


def get(db: Reads, upload_id: str) -> Upload | None:
    """Return an upload by id."""
    return UPLOADS.one(db, "WHERE id = ?", (upload_id,))


def finish(tx: Writes, upload_id: str, at: datetime) -> bool:
    """Write down that every byte arrived; False where that was known, or there is no such upload."""
    return UPLOADS.update(tx, {"finished_at": at}, "id = ? AND finished_at IS NULL", (upload_id,)) > 0


def consume(tx: Writes, upload_id: str, at: datetime) -> bool:
    """Take a finished upload for oneself; False where it is unfinished, gone or taken: only one caller gets it."""
    where = "id = ? AND finished_at IS NOT NULL AND consumed_at IS NULL"
    return UPLOADS.update(tx, {"consumed_at": at}, where, (upload_id,)) > 0


def list_open(db: Reads, user_id: str) -> tuple[Upload, ...]:
    """Return a user's uploads that nobody took yet, newest first."""
    tail = "WHERE user_id = ? AND consumed_at IS NULL ORDER BY created_at DESC, id DESC"
    return UPLOADS.where(db, tail, (user_id,))


def unfinished(db: Reads) -> tuple[Upload, ...]:
    """Return everybody's uploads that have not arrived whole, oldest first."""
    return UPLOADS.where(db, "WHERE finished_at IS NULL AND consumed_at IS NULL ORDER BY id")


def waiting(db: Reads) -> frozenset[str]:
    """Return the ids of all uploads that nobody took yet, finished or not."""
    return UPLOADS.ids(db, "WHERE consumed_at IS NULL")


def stale(db: Reads, before: datetime) -> tuple[Upload, ...]:
    """Return uploads announced before a moment that nobody took, oldest first."""
    tail = "WHERE created_at < ? AND consumed_at IS NULL ORDER BY created_at, id"
    return UPLOADS.where(db, tail, (before,))


def remove(tx: Writes, upload_id: str) -> bool:
    """Forget an upload; False where there was none."""
    return tx.execute("DELETE FROM uploads WHERE id = ?", (upload_id,)) > 0


def used(db: Reads, before: datetime) -> frozenset[str]:
    """Return the ids of the uploads that were taken before a moment."""
    return frozenset(upload.id for upload in UPLOADS.where(db, "WHERE consumed_at < ?", (before,)))
