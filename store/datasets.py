"""Datasets: a file that somebody brought, and the table that became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from store.table import Reads, Table, Writes, matching

State = Literal["importing", "ready", "failed"]


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """One dataset.   bytes: of the source file.   message: why it failed, in plain English."""

    id: str
    name: str
    state: State
    source_name: str
    bytes: int
    created_by: str
    created_at: datetime
    sha256: str | None = None
    rows: int | None = None
    columns: int | None = None
    rejected: int | None = None
    job_id: str | None = None
    message: str | None = None
    deleted_at: datetime | None = None


DATASETS = Table("datasets", Dataset, json=frozenset({"message"}))


def add(tx: Writes, dataset: Dataset) -> Dataset:
    """Write a new dataset."""
    return DATASETS.insert(tx, dataset)


def get(db: Reads, dataset_id: str) -> Dataset | None:
    """Return a dataset by id, deleted or not."""
    return DATASETS.one(db, "WHERE id = ?", (dataset_id,))


def list(db: Reads, *, search: str = "", limit: int = 50, offset: int = 0) -> tuple[Dataset, ...]:
    """Return datasets that were not deleted, newest first.   search: part of the name or of the file's name."""
    condition, values = matching(search, "name", "source_name")
    tail = f"WHERE deleted_at IS NULL AND {condition} ORDER BY created_at DESC, id DESC LIMIT ? OFFSET ?"
    return DATASETS.where(db, tail, (*values, limit, offset))


def ids(db: Reads) -> frozenset[str]:
    """Return the ids of all datasets that were not deleted."""
    return DATASETS.ids(db, "WHERE deleted_at IS NULL")


def count(db: Reads, *, search: str = "") -> int:
    """Return how many datasets `list` has in all."""
    condition, values = matching(search, "name", "source_name")
    return DATASETS.count(db, f"WHERE deleted_at IS NULL AND {condition}", values)


def update(tx: Writes, dataset_id: str, **changes: Any) -> bool:
    """Set fields of a dataset; False where there is none."""
    return DATASETS.update(tx, changes, "id = ?", (dataset_id,)) > 0


def set_ready(
    tx: Writes, dataset_id: str, *, sha256: str, rows: int, columns: int, rejected: int = 0
) -> bool:
    """Write down that the import succeeded and what it found."""
    found = {"sha256": sha256, "rows": rows, "columns": columns, "rejected": rejected}
    return update(tx, dataset_id, state="ready", message=None, **found)


def set_failed(tx: Writes, dataset_id: str, message: str | None) -> bool:
    """Write down that the import failed.   message: why, in plain English."""
    return update(tx, dataset_id, state="failed", message=message)


def rename(tx: Writes, dataset_id: str, name: str) -> bool:
    """Give a dataset another name."""
    return update(tx, dataset_id, name=name)


def mark_deleted(tx: Writes, dataset_id: str, at: datetime) -> bool:
    """Hide a dataset; False where there is none or it was deleted before."""
    where = "id = ? AND deleted_at IS NULL"
    return DATASETS.update(tx, {"deleted_at": at}, where, (dataset_id,)) > 0
