"""What is known of each run without opening its folder."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from store.table import Reads, Table, Writes, matching, now


@dataclass(frozen=True, kw_only=True)
class RunRecord:
    """One run.   revision: counts the changes people made to its spec.   step: name of the last whole step, or ""."""

    id: str
    name: str
    dataset_id: str
    dataset_name: str
    target: str
    created_by: str
    created_at: datetime
    updated_at: datetime
    task: str | None = None
    revision: int = 1
    step: str = ""
    metric: str | None = None
    score: float | None = None
    baseline: float | None = None
    deleted_at: datetime | None = None


RUNS = Table("runs", RunRecord)


def add(tx: Writes, run: RunRecord) -> RunRecord:
    """Write a new run."""
    return RUNS.insert(tx, run)


def get(db: Reads, run_id: str) -> RunRecord | None:
    """Return a run by id, deleted or not."""
    return RUNS.one(db, "WHERE id = ?", (run_id,))


def list(
    db: Reads, *, search: str = "", dataset_id: str | None = None, limit: int = 50, offset: int = 0
) -> tuple[RunRecord, ...]:
    """Return runs that were not deleted, newest first.   search: part of the name, the dataset's name or the target."""
    condition, values = _condition(search, dataset_id)
    tail = f"WHERE {condition} ORDER BY created_at DESC, id DESC LIMIT ? OFFSET ?"
    return RUNS.where(db, tail, (*values, limit, offset))


def ids(db: Reads) -> frozenset[str]:
    """Return the ids of all runs that were not deleted."""
    return RUNS.ids(db, "WHERE deleted_at IS NULL")


def count(db: Reads, *, search: str = "", dataset_id: str | None = None) -> int:
    """Return how many runs `list` has in all."""
    condition, values = _condition(search, dataset_id)
    return RUNS.count(db, f"WHERE {condition}", values)


def update(tx: Writes, run_id: str, *, expect_revision: int | None = None, **changes: Any) -> bool:
    """Set fields of a run that is not deleted; False where there is none.

    expect_revision: given when a person changes the spec: nothing happens and False is returned unless the run still
        has this revision; otherwise it counts one up. So the slower of two people is told, and overwrites nothing.
    """
    where = "id = ? AND deleted_at IS NULL"
    params: tuple[Any, ...] = (run_id,)
    if expect_revision is not None:
        where, params = f"{where} AND revision = ?", (run_id, expect_revision)
        changes["revision"] = expect_revision + 1
    changes.setdefault("updated_at", now())
    return RUNS.update(tx, changes, where, params) > 0


def mark_deleted(tx: Writes, run_id: str, at: datetime) -> bool:
    """Hide a run; False where there is none or it was deleted before."""
    return RUNS.update(tx, {"deleted_at": at}, "id = ? AND deleted_at IS NULL", (run_id,)) > 0


def _condition(search: str, dataset_id: str | None) -> tuple[str, tuple[str, ...]]:
    found, values = matching(search, "name", "dataset_name", "target")
    if dataset_id is None:
        return f"deleted_at IS NULL AND {found}", tuple(values)
    return f"deleted_at IS NULL AND {found} AND dataset_id = ?", (*values, dataset_id)
