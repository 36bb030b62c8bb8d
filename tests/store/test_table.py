"""A row and its record say the same, whatever is in it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.database import Database
from store.datasets import DATASETS, Dataset
from store.identifiers import new_id
from store.jobs import JOBS, JobRecord
from store.table import matching, now

pytestmark = pytest.mark.slow


HOSTILE = ["", "'; DROP TABLE datasets; --", "无", "a\nb", "😀" * 50, "%_%", "NULL"]


def dataset(name: str = "d", **more: object) -> Dataset:
    return Dataset(
        **{
            "id": new_id(),
            "name": name,
            "state": "ready",
            "source_name": "a.csv",
            "bytes": 1,
            "created_by": "u",
            "created_at": now(),
            **more,
        }
    )


@pytest.mark.parametrize("text", HOSTILE)
def test_text_comes_back_as_it_went_in(db: Database, text: str) -> None:
    with db.write() as tx:
        kept = DATASETS.insert(tx, dataset(text, message={"text": text, "values": {"n": [1, None, 2.5]}}))
    assert DATASETS.one(db, "WHERE id = ?", (kept.id,)) == kept


def test_half_a_surrogate_pair_is_kept_as_a_question_mark(db: Database) -> None:
    with db.write() as tx:
        kept = DATASETS.insert(tx, dataset("a\ud800无"))
    (read,) = DATASETS.where(db, "WHERE name = ?", ("a\ud800无",))
    assert (read.id, read.name) == (kept.id, "a?无")


def test_a_time_of_any_zone_comes_back_as_the_same_moment_in_utc(db: Database) -> None:
    moment = datetime(2026, 3, 29, 2, 30, 0, 123456, tzinfo=timezone(timedelta(hours=8)))
    with db.write() as tx:
        kept = DATASETS.insert(tx, dataset(created_at=moment))
    (read,) = DATASETS.where(db, "WHERE id = ?", (kept.id,))
    assert read.created_at == moment
    assert read.created_at.tzinfo is UTC


def test_a_time_without_a_zone_is_refused(db: Database) -> None:
    with pytest.raises(ValueError, match="without a zone"), db.write() as tx:
        DATASETS.insert(tx, dataset(created_at=datetime(2026, 1, 1)))
    assert DATASETS.count(db) == 0


def test_what_is_no_json_is_refused(db: Database) -> None:
    with pytest.raises(ValueError), db.write() as tx:
        DATASETS.insert(tx, dataset(message=float("nan")))
    assert DATASETS.count(db) == 0


def test_many_rows_go_in_as_one_does(db: Database) -> None:
    jobs = [
        JobRecord(
            id=new_id(),
            kind="k",
            subject="s",
            title=f"{i}",
            lane="l",
            created_by="u",
            created_at=now(),
            arguments={"i": i},
        )
        for i in range(257)
    ]
    with db.write() as tx:
        JOBS.insert_many(tx, jobs)
        JOBS.insert_many(tx, [])
    assert JOBS.where(db, "ORDER BY id") == tuple(jobs)


def test_an_unknown_column_is_no_change(db: Database) -> None:
    with pytest.raises(KeyError, match="nmae"), db.write() as tx:
        DATASETS.update(tx, {"nmae": "x"}, "TRUE", ())


def test_a_value_the_schema_forbids_is_refused(db: Database) -> None:
    with pytest.raises(duckdb.ConstraintException), db.write() as tx:
        DATASETS.insert(tx, dataset(state="gone"))
    assert DATASETS.count(db) == 0


@given(st.text(max_size=300))
def test_a_search_is_text_and_never_a_pattern(search: str) -> None:
    condition, values = matching(search, "name", "source_name")
    assert condition.count("?") == len(values)
    assert all(len(value) <= 400 for value in values)
    assert (condition == "TRUE") == (not search.strip())


def test_a_search_finds_signs_as_they_are(db: Database) -> None:
    with db.write() as tx:
        for name in ("100%", "100x", "A_b", "axb"):
            DATASETS.insert(tx, dataset(name))
    for search, expected in (
        ("0%", ["100%"]),
        ("a_B", ["A_b"]),
        ("%", ["100%"]),
        ("  ", ["100%", "100x", "A_b", "axb"]),
    ):
        condition, values = matching(search, "name")
        assert [
            found.name for found in DATASETS.where(db, f"WHERE {condition} ORDER BY id", values)
        ] == expected
