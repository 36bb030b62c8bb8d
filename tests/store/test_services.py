"""A service remembers everything that was deployed to it."""

from __future__ import annotations

import duckdb
import pytest

from store import services
from store.database import Database
from store.services import Service
from store.table import now


def added(db: Database, name: str, model: str = "m") -> Service:
    service = Service(
        name=name,
        title=name,
        model_id=model,
        live_version=None,
        state="live",
        created_by="u",
        created_at=now(),
        updated_at=now(),
    )
    with db.write() as tx:
        return services.add(tx, service)


def test_deployments_are_numbered_within_their_service(db: Database) -> None:
    added(db, "a")
    added(db, "b")
    with db.write() as tx:
        for service, version, action in (
            ("a", 1, "deploy"),
            ("b", 1, "deploy"),
            ("a", 2, "deploy"),
            ("a", 1, "roll_back"),
        ):
            services.add_deployment(tx, service, version=version, at=now(), by="ada", action=action)
        assert services.update(tx, "a", live_version=1)
        assert not services.update(tx, "x", live_version=1)
    told = [(entry.sequence, entry.version, entry.action) for entry in services.deployments(db, "a")]
    assert told == [(3, 1, "roll_back"), (2, 2, "deploy"), (1, 1, "deploy")]
    kept = services.get(db, "a")
    assert kept is not None
    assert kept.live_version == 1


def test_a_name_is_given_once(db: Database) -> None:
    first = added(db, "a")
    with pytest.raises(duckdb.ConstraintException):
        added(db, "a")
    assert services.list(db) == (first,)


def test_they_are_listed_by_name_or_model(db: Database) -> None:
    second, first = added(db, "b"), added(db, "a", model="other")
    assert services.list(db) == (first, second)
    assert services.list(db, model_id="other") == (first,)


def test_a_removed_one_takes_its_deployments_along(db: Database) -> None:
    added(db, "a")
    with db.write() as tx:
        services.add_deployment(tx, "a", version=1, at=now(), by="ada", action="deploy")
        assert services.remove(tx, "a")
        assert not services.remove(tx, "a")
    assert services.get(db, "a") is None
    assert services.deployments(db, "a") == ()
