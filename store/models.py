"""Published models and their versions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from store.table import Reads, Table, Writes, matching


@dataclass(frozen=True, kw_only=True)
class Model:
    """A name that versions are published under.   name: unique, fit for an address."""

    id: str
    name: str
    title: str
    description: str
    created_by: str
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class ModelVersion:
    """One published file.   version: counts from 1 in its model.   rows: it was trained on.   bytes: of the file."""

    model_id: str
    run_id: str
    task: str
    target: str
    metric: str
    score: float | None
    baseline: float | None
    rows: int
    bytes: int
    sha256: str
    created_by: str
    created_at: datetime
    version: int = 0
    withdrawn_at: datetime | None = None


MODELS = Table("models", Model)
VERSIONS = Table("model_versions", ModelVersion)


def add_model(tx: Writes, model: Model) -> Model:
    """Write a new model.   Raises: duckdb.ConstraintException when the name is taken."""
    return MODELS.insert(tx, model)


def add_version(tx: Writes, version: ModelVersion) -> ModelVersion:
    """Write a new version under the model's next number, and return it with that number."""
    return VERSIONS.insert(tx, replace(version, version=next_version(tx, version.model_id)))


def next_version(db: Reads, model_id: str) -> int:
    """Return the number that the next version of a model gets."""
    rows = db.read(
        "SELECT coalesce(max(version), 0) + 1 AS n FROM model_versions WHERE model_id = ?", (model_id,)
    )
    return int(rows[0]["n"])


def get(db: Reads, model_id: str) -> Model | None:
    """Return a model by id."""
    return MODELS.one(db, "WHERE id = ?", (model_id,))


def by_name(db: Reads, name: str) -> Model | None:
    """Return a model by name."""
    return MODELS.one(db, "WHERE name = ?", (name,))


def list(db: Reads, *, search: str = "", limit: int = 50, offset: int = 0) -> tuple[Model, ...]:
    """Return models, newest first.   search: part of the name, title or description."""
    condition, values = matching(search, "name", "title", "description")
    tail = f"WHERE {condition} ORDER BY created_at DESC, id DESC LIMIT ? OFFSET ?"
    return MODELS.where(db, tail, (*values, limit, offset))


def ids(db: Reads) -> frozenset[str]:
    """Return the ids of all models."""
    return MODELS.ids(db)


def numbers(db: Reads) -> frozenset[tuple[str, int]]:
    """Return the model and number of every version, withdrawn ones too."""
    rows = db.read("SELECT model_id, version FROM model_versions")
    return frozenset((row["model_id"], row["version"]) for row in rows)


def count(db: Reads, *, search: str = "") -> int:
    """Return how many models `list` has in all."""
    condition, values = matching(search, "name", "title", "description")
    return MODELS.count(db, f"WHERE {condition}", values)


def update(tx: Writes, model_id: str, **changes: Any) -> bool:
    """Set fields of a model (title, description); False where there is none."""
    return MODELS.update(tx, changes, "id = ?", (model_id,)) > 0


def versions(db: Reads, model_id: str) -> tuple[ModelVersion, ...]:
    """Return a model's versions, newest first, withdrawn ones too."""
    return VERSIONS.where(db, "WHERE model_id = ? ORDER BY version DESC", (model_id,))


def version(db: Reads, model_id: str, number: int) -> ModelVersion | None:
    """Return one version of a model."""
    return VERSIONS.one(db, "WHERE model_id = ? AND version = ?", (model_id, number))


def latest(db: Reads) -> dict[str, ModelVersion]:
    """Return each model's newest version by model id; a withdrawn one only where all of them were withdrawn."""
    tail = "QUALIFY row_number() OVER (PARTITION BY model_id ORDER BY withdrawn_at IS NULL DESC, version DESC) = 1"
    return {found.model_id: found for found in VERSIONS.where(db, tail)}


def of_run(db: Reads, run_id: str) -> tuple[ModelVersion, ...]:
    """Return what was published from a run, newest first."""
    return VERSIONS.where(db, "WHERE run_id = ? ORDER BY created_at DESC", (run_id,))


def of_datasets(db: Reads, dataset_ids: Sequence[str]) -> tuple[ModelVersion, ...]:
    """Return what was published from runs on any of these datasets and not withdrawn, newest first.

    Of runs that were deleted since, too.
    """
    marks = ", ".join("?" for _ in dataset_ids)
    tail = (
        f"WHERE withdrawn_at IS NULL AND run_id IN (SELECT id FROM runs WHERE dataset_id IN ({marks})) "
        "ORDER BY created_at DESC, version DESC"
    )
    return VERSIONS.where(db, tail, tuple(dataset_ids)) if dataset_ids else ()


def withdraw(tx: Writes, model_id: str, number: int, at: datetime) -> bool:
    """Take a version back; False where there is none or it was withdrawn before."""
    where = "model_id = ? AND version = ? AND withdrawn_at IS NULL"
    return VERSIONS.update(tx, {"withdrawn_at": at}, where, (model_id, number)) > 0
