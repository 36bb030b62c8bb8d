"""Of two people who change a run, the slower one is told and overwrites nothing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from store import run_records
from store.database import Database
from store.identifiers import new_id
from store.run_records import RunRecord
from store.table import now


def added(db: Database, name: str, dataset: str = "d1", target: str = "income") -> RunRecord:
    run = RunRecord(
        id=new_id(),
        name=name,
        dataset_id=dataset,
        dataset_name=f"set {dataset}",
        target=target,
        created_by="u",
        created_at=now(),
        updated_at=now(),
    )
    with db.write() as tx:
        return run_records.add(tx, run)


def test_they_are_found_by_words_and_dataset(db: Database) -> None:
    first, second = added(db, "first"), added(db, "second", dataset="d2", target="price")
    assert run_records.list(db) == (second, first)
    assert run_records.list(db, search="PRICE") == (second,)
    assert run_records.list(db, search="set d1") == (first,)
    assert run_records.list(db, dataset_id="d2") == (second,)
    assert run_records.list(db, dataset_id="d2", search="first") == ()
    assert (
        run_records.count(db),
        run_records.count(db, dataset_id="d1"),
        run_records.count(db, search="x"),
    ) == (2, 1, 0)


def test_a_stale_revision_changes_nothing(db: Database) -> None:
    run = added(db, "run")
    with db.write() as tx:
        assert run_records.update(tx, run.id, expect_revision=1, name="mine")
        assert not run_records.update(tx, run.id, expect_revision=1, name="yours")
    kept = run_records.get(db, run.id)
    assert kept is not None
    assert (kept.name, kept.revision) == ("mine", 2)
    assert kept.updated_at > run.updated_at


def test_of_many_at_once_one_wins(db: Database) -> None:
    run = added(db, "run")

    def change(number: int) -> bool:
        with db.write() as tx:
            return run_records.update(tx, run.id, expect_revision=1, name=f"by {number}")

    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(change, range(8)))
    assert won.count(True) == 1
    kept = run_records.get(db, run.id)
    assert kept is not None
    assert kept.name == f"by {won.index(True)}"


def test_work_reports_without_a_revision(db: Database) -> None:
    run = added(db, "run")
    with db.write() as tx:
        assert run_records.update(tx, run.id, step="evaluation", score=0.93, metric="roc_auc", baseline=0.5)
    kept = run_records.get(db, run.id)
    assert kept is not None
    assert (kept.revision, kept.step, kept.score) == (1, "evaluation", 0.93)


def test_a_deleted_one_is_hidden_and_changes_no_more(db: Database) -> None:
    run, other = added(db, "run"), added(db, "other")
    with db.write() as tx:
        assert run_records.mark_deleted(tx, run.id, now())
        assert not run_records.mark_deleted(tx, run.id, now())
        assert not run_records.update(tx, run.id, name="x")
    assert run_records.list(db) == (other,)
    assert run_records.ids(db) == {other.id}
    assert run_records.get(db, run.id) is not None
