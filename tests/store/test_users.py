"""Users, sessions, keys and links: found by what is kept of them, gone when they should be."""

from __future__ import annotations

from datetime import timedelta

import duckdb
import pytest

from store import users
from store.database import Database
from store.identifiers import new_id
from store.table import now
from store.users import ApiKey, Link, Session, User


def added(db: Database, name: str, role: str = "member") -> User:
    user = User(id=new_id(), name=name, display=name, role=role, password_hash="-", created_at=now())
    with db.write() as tx:
        return users.add(tx, user)


def signed_in(db: Database, user: User, token: str, life: timedelta = timedelta(hours=1)) -> Session:
    session = Session(
        token_hash=token,
        user_id=user.id,
        created_at=now(),
        seen_at=now(),
        expires_at=now() + life,
        agent="",
        address="",
    )
    with db.write() as tx:
        return users.add_session(tx, session)


def with_key(db: Database, user: User, **more: object) -> ApiKey:
    given = {
        "id": new_id()[-8:],
        "user_id": user.id,
        "name": "k",
        "secret_hash": "h",
        "scope": "api",
        "service": None,
    }
    with db.write() as tx:
        return users.add_key(tx, ApiKey(**{**given, "created_at": now(), **more}))


def test_a_name_is_given_once(db: Database) -> None:
    user = added(db, "ada")
    with pytest.raises(duckdb.ConstraintException):
        added(db, "ada")
    assert users.by_name(db, " ADA ") == user
    assert users.get(db, user.id) == user
    assert users.by_name(db, "bob") is None


def test_a_disabled_administrator_still_closes_the_setup(db: Database) -> None:
    added(db, "bob")
    assert not users.has_admin(db)
    admin = added(db, "ada", role="admin")
    with db.write() as tx:
        assert users.update(tx, admin.id, disabled_at=now())
        assert not users.update(tx, new_id(), disabled_at=now())
    assert users.has_admin(db)
    assert [user.name for user in users.list(db)] == ["ada", "bob"]


def test_who_is_signed_in_is_told_by_one_query(db: Database) -> None:
    user = added(db, "ada")
    session = signed_in(db, user, "t1")
    assert users.signed_in(db, "t1", now()) == (session, user)
    assert users.signed_in(db, "t2", now()) is None
    assert users.signed_in(db, "t1", now() + timedelta(hours=2)) is None
    with db.write() as tx:
        users.update(tx, user.id, disabled_at=now())
    assert users.signed_in(db, "t1", now()) is None


def test_sessions_end_one_by_one_or_all_but_one(db: Database) -> None:
    ada, bob = added(db, "ada"), added(db, "bob")
    for token in ("a1", "a2", "a3"):
        signed_in(db, ada, token)
    signed_in(db, bob, "b1")
    with db.write() as tx:
        assert users.end_session(tx, "a1")
        assert not users.end_session(tx, "a1")
        assert users.end_sessions(tx, ada.id, but="a3") == 1
    assert [session.token_hash for session in users.sessions(db, ada.id)] == ["a3"]
    assert [session.token_hash for session in users.sessions(db, bob.id)] == ["b1"]


def test_what_is_over_is_swept(db: Database) -> None:
    user = added(db, "ada")
    signed_in(db, user, "old", life=timedelta(seconds=-1))
    alive = signed_in(db, user, "new")
    later = now() + timedelta(days=1)
    with db.write() as tx:
        users.touch_session(tx, "new", seen_at=now(), expires_at=later)
        assert users.sweep_sessions(tx, now()) == 1
    (kept,) = users.sessions(db, user.id)
    assert (kept.token_hash, kept.expires_at) == (alive.token_hash, later)


def test_keys_are_listed_by_owner_scope_and_service(db: Database) -> None:
    ada, bob = added(db, "ada"), added(db, "bob")
    api = with_key(db, ada)
    infer = with_key(db, ada, scope="infer", service="churn")
    other = with_key(db, bob, scope="infer")
    assert users.keys(db) == (other, infer, api)
    assert users.keys(db, user_id=ada.id) == (infer, api)
    assert users.keys(db, scope="infer") == (other, infer)
    assert users.keys(db, service="churn") == (infer,)
    with db.write() as tx:
        assert users.update_key(tx, api.id, last_used_at=now())
        assert users.revoke_keys(tx, now(), user_id=ada.id) == 2
    assert users.keys(db) == (other,)
    revoked = users.key(db, api.id)
    assert revoked is not None
    assert revoked.revoked_at is not None
    with db.write() as tx:
        assert users.revoke_keys(tx, now()) == 1


def test_a_newer_link_makes_the_older_worthless(db: Database) -> None:
    def put(token: str, user_id: str | None) -> None:
        purpose = "setup" if user_id is None else "password"
        link = Link(token_hash=token, purpose=purpose, user_id=user_id, created_at=now(), expires_at=now())
        with db.write() as tx:
            users.put_link(tx, link)

    for token, user_id in (("s1", None), ("s2", None), ("p1", "ada"), ("p2", "ada"), ("q1", "bob")):
        put(token, user_id)
    alive = [token for token in ("s1", "s2", "p1", "p2", "q1") if users.link(db, token) is not None]
    assert alive == ["s2", "p2", "q1"]
    with db.write() as tx:
        users.drop_links(tx, "password", "ada")
        assert users.sweep_sessions(tx, now() + timedelta(days=1)) == 2
    assert users.link(db, "s2") is None
