"""Versions are numbered within their model, and a withdrawn one stays known."""

from __future__ import annotations

import duckdb
import pytest

from store import models, run_records
from store.database import Database
from store.identifiers import new_id
from store.models import Model, ModelVersion
from store.run_records import RunRecord
from store.table import now


def added(db: Database, name: str) -> Model:
    model = Model(
        id=new_id(), name=name, title=name.title(), description="", created_by="u", created_at=now()
    )
    with db.write() as tx:
        return models.add_model(tx, model)


def published(db: Database, model: Model, run: str = "r") -> ModelVersion:
    version = ModelVersion(
        model_id=model.id,
        run_id=run,
        task="binary",
        target="t",
        metric="roc_auc",
        score=0.9,
        baseline=None,
        rows=10,
        bytes=20,
        sha256="ab",
        created_by="u",
        created_at=now(),
    )
    with db.write() as tx:
        return models.add_version(tx, version)


def test_versions_count_from_one_in_each_model(db: Database) -> None:
    first, second = added(db, "first"), added(db, "second")
    assert [published(db, model).version for model in (first, second, first, first)] == [1, 1, 2, 3]
    assert [found.version for found in models.versions(db, first.id)] == [3, 2, 1]
    assert models.version(db, first.id, 2) == models.versions(db, first.id)[1]
    assert models.version(db, first.id, 9) is None
    assert models.next_version(db, second.id) == 2


def test_a_name_is_given_once(db: Database) -> None:
    model = added(db, "churn")
    with pytest.raises(duckdb.ConstraintException):
        added(db, "churn")
    assert models.by_name(db, "churn") == model
    assert models.get(db, model.id) == model
    assert models.by_name(db, "Churn") is None


def test_the_newest_that_stands_is_the_one_shown(db: Database) -> None:
    model, other = added(db, "m"), added(db, "o")
    for _ in range(3):
        published(db, model)
    published(db, other)
    with db.write() as tx:
        assert models.withdraw(tx, model.id, 3, now())
        assert not models.withdraw(tx, model.id, 3, now())
        assert models.withdraw(tx, other.id, 1, now())
    shown = models.latest(db)
    assert (shown[model.id].version, shown[other.id].version) == (2, 1)
    assert models.ids(db) == {model.id, other.id}
    assert models.numbers(db) == {(model.id, 1), (model.id, 2), (model.id, 3), (other.id, 1)}


def test_they_are_found_by_words_and_run(db: Database) -> None:
    first, second = added(db, "churn"), added(db, "prices")
    published(db, second, run="r7")
    with db.write() as tx:
        assert models.update(tx, first.id, description="Who leaves?")
    assert [model.name for model in models.list(db)] == ["prices", "churn"]
    assert [model.name for model in models.list(db, search="LEAVES")] == ["churn"]
    assert models.count(db, search="p") == 1
    assert [found.model_id for found in models.of_run(db, "r7")] == [second.id]


def test_what_became_of_datasets_is_found_newest_first(db: Database) -> None:
    model, moment = added(db, "first"), now()
    runs = {name: new_id() for name in ("a", "b", "c")}
    with db.write() as tx:
        for name, run_id in runs.items():
            run_records.add(
                tx,
                RunRecord(
                    id=run_id, name=name, dataset_id=f"set-{name}", dataset_name=name, target="t", created_by="u",
                    created_at=moment, updated_at=moment,
                ),
            )  # fmt: skip
        run_records.mark_deleted(tx, runs["a"], moment)
    for name in ("a", "b", "c", "b"):
        published(db, model, runs[name])
    with db.write() as tx:
        models.withdraw(tx, model.id, 2, moment)

    assert [found.version for found in models.of_datasets(db, ["set-a", "set-b"])] == [4, 1]
    assert models.of_datasets(db, []) == ()
