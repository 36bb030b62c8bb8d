"""An upload is finished once and taken by one."""

from __future__ import annotations

from datetime import timedelta

from store import uploads
from store.database import Database
from store.identifiers import new_id
from store.table import now
from store.uploads import Upload


def announced(db: Database, user: str = "ada", age: timedelta = timedelta()) -> Upload:
    upload = Upload(id=new_id(), user_id=user, name="a.csv", bytes=10, created_at=now() - age)
    with db.write() as tx:
        return uploads.add(tx, upload)


def test_it_is_finished_and_taken_once(db: Database) -> None:
    upload = announced(db)
    with db.write() as tx:
        assert not uploads.consume(tx, upload.id, now())
        assert uploads.finish(tx, upload.id, now())
        assert not uploads.finish(tx, upload.id, now())
        assert uploads.consume(tx, upload.id, now())
        assert not uploads.consume(tx, upload.id, now())
        assert not uploads.finish(tx, new_id(), now())
    kept = uploads.get(db, upload.id)
    assert kept is not None
    assert kept.finished_at is not None
    assert kept.consumed_at is not None


def test_each_sees_their_own_that_nobody_took(db: Database) -> None:
    first, second = announced(db), announced(db)
    others = announced(db, "bob")
    assert uploads.list_open(db, "ada") == (second, first)
    with db.write() as tx:
        uploads.finish(tx, first.id, now())
        uploads.consume(tx, first.id, now())
    assert uploads.list_open(db, "ada") == (second,)
    assert uploads.waiting(db) == {second.id, others.id}


def test_old_ones_are_found_and_forgotten(db: Database) -> None:
    old = announced(db, age=timedelta(days=2))
    announced(db)
    assert uploads.stale(db, now() - timedelta(days=1)) == (old,)
    with db.write() as tx:
        assert uploads.remove(tx, old.id)
        assert not uploads.remove(tx, old.id)
    assert uploads.get(db, old.id) is None


def test_those_of_everybody_that_have_not_arrived_are_found(db: Database) -> None:
    first, second, third = announced(db), announced(db, "bob"), announced(db)
    with db.write() as tx:
        uploads.finish(tx, third.id, now())
    assert uploads.unfinished(db) == (first, second)


def test_those_that_were_taken_long_ago_are_found(db: Database) -> None:
    taken, fresh, _ = announced(db), announced(db), announced(db)
    with db.write() as tx:
        for upload, at in ((taken, now() - timedelta(days=2)), (fresh, now())):
            uploads.finish(tx, upload.id, at)
            uploads.consume(tx, upload.id, at)
    assert uploads.used(db, now() - timedelta(days=1)) == {taken.id}
