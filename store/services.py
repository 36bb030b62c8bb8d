"""Services: a name that programs ask, the version that answers, and what was deployed when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from store.table import Reads, Table, Writes

State = Literal["live", "stopped"]
Action = Literal["deploy", "roll_back", "stop", "start"]


@dataclass(frozen=True, kw_only=True)
class Service:
    """One service.   name: unique, part of its address.   live_version: of the model, None before the first."""

    name: str
    title: str
    model_id: str
    live_version: int | None
    state: State
    created_by: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """One change of what a service answers with.   sequence: counts from 1 within the service."""

    service: str
    sequence: int
    version: int
    at: datetime
    by: str
    action: Action


SERVICES = Table("services", Service)
DEPLOYMENTS = Table("deployments", Deployment)


def add(tx: Writes, service: Service) -> Service:
    """Write a new service.   Raises: duckdb.ConstraintException when the name is taken."""
    return SERVICES.insert(tx, service)


def get(db: Reads, name: str) -> Service | None:
    """Return a service by name."""
    return SERVICES.one(db, "WHERE name = ?", (name,))


def list(db: Reads, *, model_id: str | None = None) -> tuple[Service, ...]:
    """Return every service by name, or those of one model."""
    if model_id is None:
        return SERVICES.where(db, "ORDER BY name")
    return SERVICES.where(db, "WHERE model_id = ? ORDER BY name", (model_id,))


def update(tx: Writes, name: str, **changes: Any) -> bool:
    """Set fields of a service; False where there is none."""
    return SERVICES.update(tx, changes, "name = ?", (name,)) > 0


def remove(tx: Writes, name: str) -> bool:
    """Forget a service and its deployments; False where there was none."""
    tx.execute("DELETE FROM deployments WHERE service = ?", (name,))
    return tx.execute("DELETE FROM services WHERE name = ?", (name,)) > 0


def add_deployment(
    tx: Writes, service: str, *, version: int, at: datetime, by: str, action: Action
) -> Deployment:
    """Write down a change of a service under its next number."""
    rows = tx.read(
        "SELECT coalesce(max(sequence), 0) + 1 AS n FROM deployments WHERE service = ?", (service,)
    )
    number = int(rows[0]["n"])
    return DEPLOYMENTS.insert(
        tx, Deployment(service=service, sequence=number, version=version, at=at, by=by, action=action)
    )


def deployments(db: Reads, service: str, *, limit: int = 100) -> tuple[Deployment, ...]:
    """Return a service's deployments, newest first."""
    return DEPLOYMENTS.where(db, "WHERE service = ? ORDER BY sequence DESC LIMIT ?", (service, limit))
