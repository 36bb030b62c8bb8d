"""Every change to the log is seen, except rows cut from its end."""

from __future__ import annotations

import pytest

from store import audit
from store.database import Database


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
