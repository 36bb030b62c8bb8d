"""Datasets are found by part of a name, newest first, until they are deleted."""

from __future__ import annotations

from store import datasets
from store.database import Database
from store.datasets import Dataset
from store.identifiers import new_id
from store.table import now


def added(db: Database, name: str, source: str = "table.csv") -> Dataset:
    dataset = Dataset(
        id=new_id(),
        name=name,
        state="importing",
        source_name=source,
        bytes=1,
        created_by="u",
        created_at=now(),
    )
    with db.write() as tx:
        return datasets.add(tx, dataset)


def test_the_newest_come_first_page_by_page(db: Database) -> None:
    made = [added(db, f"d{number}") for number in range(7)]
    assert datasets.count(db) == 7
    assert datasets.list(db, limit=3) == tuple(reversed(made))[:3]
    assert datasets.list(db, limit=3, offset=6) == (made[0],)
    assert datasets.list(db, limit=3, offset=7) == ()


def test_a_search_looks_at_both_names(db: Database) -> None:
    added(db, "Customers")
    by_file = added(db, "x", source="customer_2026.parquet")
    added(db, "Houses")
    assert [found.name for found in datasets.list(db, search="CUSTOMER")] == ["x", "Customers"]
    assert datasets.count(db, search="customer") == 2
    assert datasets.list(db, search="parquet") == (by_file,)


def test_an_import_ends_well_or_badly(db: Database) -> None:
    good, bad = added(db, "good"), added(db, "bad")
    why = {"text": "It is empty.", "template": "It is empty.", "values": {}}
    with db.write() as tx:
        assert datasets.set_ready(tx, good.id, sha256="ab", rows=10, columns=3, rejected=1)
        assert datasets.set_failed(tx, bad.id, why)
        assert not datasets.set_failed(tx, new_id(), "no such")
    ready, failed = datasets.get(db, good.id), datasets.get(db, bad.id)
    assert ready is not None
    assert (ready.state, ready.rows, ready.columns, ready.rejected, ready.sha256) == ("ready", 10, 3, 1, "ab")
    assert failed is not None
    assert (failed.state, failed.message) == ("failed", why)


def test_a_deleted_one_is_hidden_but_known(db: Database) -> None:
    dataset = added(db, "d")
    assert datasets.ids(db) == {dataset.id}
    with db.write() as tx:
        assert datasets.rename(tx, dataset.id, "e")
        assert datasets.mark_deleted(tx, dataset.id, now())
        assert not datasets.mark_deleted(tx, dataset.id, now())
    assert datasets.list(db) == ()
    assert datasets.count(db) == 0
    assert datasets.ids(db) == frozenset()
    kept = datasets.get(db, dataset.id)
    assert kept is not None
    assert kept.name == "e"
