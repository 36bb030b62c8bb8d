"""Every change to the log is seen, except rows cut from its end."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from store import audit
from store.database import Database
from store.table import now

pytestmark = pytest.mark.slow


@pytest.fixture
def log(db: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    monkeypatch.setattr(audit, "_PAGE", 20)
    with db.write() as tx:
        for number in range(53):
            audit.append(
                tx, who=f"user {number}", action="x", object="run:1", detail="无\n\"'", address="::1"
            )
    return db


def test_an_untouched_log_is_right(log: Database) -> None:
    assert audit.verify(log)
    newest, before = audit.recent(log, limit=2)
    assert (newest.seq, before.seq) == (53, 52)
    assert newest.who == "user 52"


def test_an_empty_log_is_right(db: Database) -> None:
    assert audit.verify(db)
    assert audit.recent(db) == ()


@pytest.mark.slow
@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE audit SET who = 'somebody else' WHERE seq = 5",
        "UPDATE audit SET detail = '' WHERE seq = 53",
        'UPDATE audit SET "at" = "at" + INTERVAL 1 MICROSECOND WHERE seq = 40',
        "UPDATE audit SET hash = repeat('0', 64) WHERE seq = 7",
        "DELETE FROM audit WHERE seq = 1",
        "DELETE FROM audit WHERE seq = 20",
        "UPDATE audit SET who = action, action = who WHERE seq = 9",
        'INSERT INTO audit SELECT seq + 1, "at", who, address, action, object, outcome, detail, hash'
        " FROM audit WHERE seq = 53",
    ],
)
def test_a_change_is_seen(log: Database, sql: str) -> None:
    with log.write() as tx:
        tx.execute(sql)
    assert not audit.verify(log)


def test_long_texts_are_cut_and_still_right(db: Database) -> None:
    with db.write() as tx:
        entry = audit.append(tx, who="a" * 10_000, action="x", detail="b" * 10_000)
    assert len(entry.who) == len(entry.detail) == 500
    assert audit.verify(db)


def grow_old(log: Database, upto: int, days: int) -> None:
    """Write the log anew with its first rows so many days older, sealed as if it had been so."""
    entries = audit.AUDIT.where(log, "ORDER BY seq")
    with log.write() as tx:
        tx.execute("DELETE FROM audit")
        seal = audit.START
        for entry in entries:
            at = entry.at - timedelta(days=days) if entry.seq <= upto else entry.at
            names = ("who", "address", "action", "object", "outcome", "detail")
            seal = audit._seal(seal, entry.seq, at, {name: getattr(entry, name) for name in names})
            audit.AUDIT.insert(tx, replace(entry, at=at, hash=seal))


def test_the_oldest_rows_expire_and_the_rest_is_still_right(log: Database) -> None:
    grow_old(log, 30, days=800)
    assert audit.verify(log)
    assert audit.has_older(log, now() - timedelta(days=730))
    with log.write() as tx:
        assert audit.drop_before(tx, now() - timedelta(days=730)) == 30
        audit.append(tx, who="ada", action="x")
    assert not audit.has_older(log, now() - timedelta(days=730))
    said = audit.recent(log, 2)[1]
    assert (said.who, said.action, said.object) == ("box", audit.EXPIRED, "audit:30")
    assert audit.AUDIT.one(log, "ORDER BY seq").seq == 31  # type: ignore[union-attr]
    assert audit.verify(log)


@pytest.mark.slow
@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM audit WHERE seq = 31",
        "DELETE FROM audit WHERE action = 'audit.expire'",
        "UPDATE audit SET object = 'audit:29' WHERE action = 'audit.expire'",
        "UPDATE audit SET detail = repeat('0', 64) WHERE action = 'audit.expire'",
        "UPDATE audit SET who = 'x' WHERE seq = 31",
    ],
)
def test_a_change_is_seen_after_rows_expired_too(log: Database, sql: str) -> None:
    grow_old(log, 30, days=800)
    with log.write() as tx:
        audit.drop_before(tx, now() - timedelta(days=730))
    with log.write() as tx:
        tx.execute(sql)
    assert not audit.verify(log)


def test_the_newest_row_never_expires(log: Database) -> None:
    grow_old(log, 53, days=800)
    with log.write() as tx:
        assert audit.drop_before(tx, now() - timedelta(days=730)) == 52
        assert audit.drop_before(tx, now() - timedelta(days=730)) == 1  # by now there is a newer one
        assert audit.drop_before(tx, now() - timedelta(days=730)) == 0
    assert audit.verify(log)


def test_an_empty_log_has_nothing_to_expire(db: Database) -> None:
    assert not audit.has_older(db, now())
    with db.write() as tx:
        assert audit.drop_before(tx, now()) == 0
