"""People, their sessions, their keys and the links that are good for one use. Secrets are kept as hashes only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from store.table import Reads, Table, Writes

Role = Literal["admin", "member"]
Scope = Literal["api", "infer"]
Purpose = Literal["setup", "password"]


@dataclass(frozen=True, kw_only=True)
class User:
    """Someone who may sign in.   name: what they type, in lower case.   display: what others see."""

    id: str
    name: str
    display: str
    role: Role
    password_hash: str
    created_at: datetime
    disabled_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Session:
    """One browser that is signed in.   token_hash: SHA-256 of what its cookie holds, in hexadecimal."""

    token_hash: str
    user_id: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    agent: str
    address: str


@dataclass(frozen=True, kw_only=True)
class ApiKey:
    """A program's key.   id: the open part of the key.   service: the only one it may ask, None for every one."""

    id: str
    user_id: str
    name: str
    secret_hash: str
    scope: Scope
    service: str | None
    created_at: datetime
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Link:
    """A link that is good for one use.   user_id: whose password it sets; None for the first start's setup."""

    token_hash: str
    purpose: Purpose
    user_id: str | None
    created_at: datetime
    expires_at: datetime


USERS = Table("users", User)
SESSIONS = Table("sessions", Session)
API_KEYS = Table("api_keys", ApiKey)
LINKS = Table("links", Link)
_BOTH = [(table.name, column) for table in (SESSIONS, USERS) for column in table.columns]


def add(tx: Writes, user: User) -> User:
    """Write a new user.   Raises: duckdb.ConstraintException when the name is taken."""
    return USERS.insert(tx, user)


def get(db: Reads, user_id: str) -> User | None:
    """Return a user by id."""
    return USERS.one(db, "WHERE id = ?", (user_id,))


def by_name(db: Reads, name: str) -> User | None:
    """Return a user by name; case does not count."""
    return USERS.one(db, "WHERE name = ?", (name.strip().lower(),))


def list(db: Reads) -> tuple[User, ...]:
    """Return every user, by name."""
    return USERS.where(db, "ORDER BY name")


def has_admin(db: Reads) -> bool:
    """Tell whether anybody can run this box; a disabled one counts, or disabling the last would open the setup."""
    return USERS.count(db, "WHERE role = 'admin'") > 0


def update(tx: Writes, user_id: str, **changes: Any) -> bool:
    """Set fields of a user; False where there is none."""
    return USERS.update(tx, changes, "id = ?", (user_id,)) > 0


def add_session(tx: Writes, session: Session) -> Session:
    """Write a new session."""
    return SESSIONS.insert(tx, session)


def session(db: Reads, token_hash: str) -> Session | None:
    """Return a session by the hash of its token, expired or not."""
    return SESSIONS.one(db, "WHERE token_hash = ?", (token_hash,))


def signed_in(db: Reads, token_hash: str, at: datetime) -> tuple[Session, User] | None:
    """Return a session that is alive at a moment, and its user who is not disabled; by one query."""
    listed = [f'{table}."{column}" AS {table}_{column}' for table, column in _BOTH]
    rows = db.read(
        f"SELECT {', '.join(listed)} FROM sessions JOIN users ON users.id = sessions.user_id"
        " WHERE token_hash = ? AND expires_at > ? AND disabled_at IS NULL",
        (token_hash, at),
    )
    if not rows:
        return None
    session, user = (
        {column: rows[0][f"{table}_{column}"] for table, column in _BOTH if table == part.name}
        for part in (SESSIONS, USERS)
    )
    return Session(**session), User(**user)


def sessions(db: Reads, user_id: str) -> tuple[Session, ...]:
    """Return a user's sessions, the last seen first."""
    return SESSIONS.where(db, "WHERE user_id = ? ORDER BY seen_at DESC", (user_id,))


def touch_session(tx: Writes, token_hash: str, *, seen_at: datetime, expires_at: datetime) -> None:
    """Write down that a session was used, and until when it lives now."""
    SESSIONS.update(tx, {"seen_at": seen_at, "expires_at": expires_at}, "token_hash = ?", (token_hash,))


def end_session(tx: Writes, token_hash: str) -> bool:
    """Remove a session; False where there was none."""
    return tx.execute("DELETE FROM sessions WHERE token_hash = ?", (token_hash,)) > 0


def end_sessions(tx: Writes, user_id: str, *, but: str = "") -> int:
    """Remove a user's sessions, except the one with the token hash `but`; return how many."""
    return tx.execute("DELETE FROM sessions WHERE user_id = ? AND token_hash <> ?", (user_id, but))


def sweep_sessions(tx: Writes, before: datetime) -> int:
    """Remove sessions and links that ended before a moment; return how many."""
    ended = tx.execute("DELETE FROM sessions WHERE expires_at < ?", (before,))
    return ended + tx.execute("DELETE FROM links WHERE expires_at < ?", (before,))


def move_ends(tx: Writes, by: timedelta) -> None:
    """Move the times of every session and link, as when the clock they are counted by is set."""
    tx.execute(
        "UPDATE sessions SET created_at = created_at + $1, seen_at = seen_at + $1, expires_at = expires_at + $1",
        (by,),
    )
    tx.execute("UPDATE links SET created_at = created_at + $1, expires_at = expires_at + $1", (by,))


def add_key(tx: Writes, key: ApiKey) -> ApiKey:
    """Write a new key.   Raises: duckdb.ConstraintException when its id is taken."""
    return API_KEYS.insert(tx, key)


def key(db: Reads, key_id: str) -> ApiKey | None:
    """Return a key by its open part, revoked or not."""
    return API_KEYS.one(db, "WHERE id = ?", (key_id,))


def keys(
    db: Reads, *, user_id: str | None = None, scope: Scope | None = None, service: str | None = None
) -> tuple[ApiKey, ...]:
    """Return the keys that were not revoked, newest first; of one user, scope or service where one is given."""
    wanted = {"user_id": user_id, "scope": scope, "service": service}
    given = {column: value for column, value in wanted.items() if value is not None}
    where = " AND ".join(["revoked_at IS NULL", *(f"{column} = ?" for column in given)])
    return API_KEYS.where(db, f"WHERE {where} ORDER BY created_at DESC, id DESC", tuple(given.values()))


def update_key(tx: Writes, key_id: str, **changes: Any) -> bool:
    """Set fields of a key (last_used_at, revoked_at, name); False where there is none."""
    return API_KEYS.update(tx, changes, "id = ?", (key_id,)) > 0


def revoke_keys(tx: Writes, at: datetime, *, user_id: str | None = None) -> int:
    """Revoke every key of a user, or of everybody; return how many."""
    where, params = ("TRUE", ()) if user_id is None else ("user_id = ?", (user_id,))
    return API_KEYS.update(tx, {"revoked_at": at}, f"revoked_at IS NULL AND {where}", params)


def put_link(tx: Writes, link: Link) -> Link:
    """Write a link; an older one for the same purpose and user is worth nothing from now on."""
    drop_links(tx, link.purpose, link.user_id)
    return LINKS.insert(tx, link)


def link(db: Reads, token_hash: str) -> Link | None:
    """Return a link by the hash of its token, expired or not."""
    return LINKS.one(db, "WHERE token_hash = ?", (token_hash,))


def drop_links(tx: Writes, purpose: Purpose, user_id: str | None) -> None:
    """Make every link for a purpose and user worth nothing."""
    tx.execute("DELETE FROM links WHERE purpose = ? AND user_id IS NOT DISTINCT FROM ?", (purpose, user_id))
