"""Administrators look after people: add, disable, let in again, and hand out links for setting a password."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import duckdb

from app.usecases import passwords
from app.usecases.naming import checked_title
from app.usecases.person import Person, checked_name, plain_name, require_admin
from app.usecases.refusals import Conflict, NotFound, Refusal
from app.wiring import Appliance
from engine.words import words
from store import audit, users
from store.identifiers import new_id
from store.table import Writes, now
from store.users import Link, Role, User

LINK_LIFE = timedelta(days=3)
_ROLES: tuple[Role, ...] = ("admin", "member")


@dataclass(frozen=True, kw_only=True)
class Account:
    """One user as administrators see them.   seen_at: of the last session that is still known."""

    id: str
    name: str
    display: str
    role: Role
    created_at: datetime
    disabled_at: datetime | None
    seen_at: datetime | None
    has_password: bool


@dataclass(frozen=True, kw_only=True)
class NewAccount:
    """A user just made.   token: of the link with which they choose their password; None when one was given."""

    account: Account
    token: str | None


def list_users(box: Appliance, who: Person) -> tuple[Account, ...]:
    """Return every user, by name.   Raises: Forbidden."""
    require_admin(who)
    return tuple(_account(box, user) for user in users.list(box.db))


def add_user(
    box: Appliance,
    who: Person,
    *,
    name: str,
    display: str = "",
    role: Role = "member",
    password: str | None = None,
) -> NewAccount:
    """Add somebody; without a password they choose it by a link.   Raises: Forbidden, Conflict, Refusal."""
    require_admin(who)
    plain = checked_name(name)
    if password is not None:
        passwords.check_strength(password, plain, display)
    user = User(
        id=new_id(),
        name=plain,
        display=checked_title(display or name, most=64),
        role=_checked_role(role),
        password_hash=passwords.NO_PASSWORD if password is None else passwords.hashed(password),
        created_at=now(),
    )
    try:
        with box.db.write() as tx:
            users.add(tx, user)
            token = _put_link(box, tx, user) if password is None else None
            audit.append(tx, who=who.name, action="user.add", object=f"user:{user.id}", detail=user.name)
    except duckdb.ConstraintException as error:
        raise Conflict(
            words("There is a user {name!r} already.", name=plain), remedy=words("Choose another name.")
        ) from error
    return NewAccount(account=_account(box, user), token=token)


def create_password_link(box: Appliance, who: Person, name: str) -> str:
    """Return the token of a link with which a user chooses a new password, once, within three days.

    Raises: Forbidden, NotFound.
    """
    require_admin(who)
    user = _named(box, name)
    with box.db.write() as tx:
        token = _put_link(box, tx, user)
        audit.append(tx, who=who.name, action="user.link", object=f"user:{user.id}", detail=user.name)
    return token


def disable_user(box: Appliance, who: Person, name: str) -> Account:
    """Shut somebody out: their sessions end at once and their keys answer no more.

    Raises: Forbidden, NotFound; Conflict for oneself and for the last administrator.
    """
    require_admin(who)
    user = _named(box, name)
    if user.id == who.id:
        raise Conflict(
            words("Nobody can disable themselves."), remedy=words("Ask another administrator to do it.")
        )
    with box.db.write() as tx:
        _keep_one_admin(tx, user)
        users.update(tx, user.id, disabled_at=now())
        users.end_sessions(tx, user.id)
        users.drop_links(tx, "password", user.id)
        audit.append(tx, who=who.name, action="user.disable", object=f"user:{user.id}", detail=user.name)
    box.doors.callers.clear()
    return _account(box, _named(box, name))


def enable_user(box: Appliance, who: Person, name: str) -> Account:
    """Let somebody in again.   Raises: Forbidden, NotFound."""
    require_admin(who)
    user = _named(box, name)
    with box.db.write() as tx:
        users.update(tx, user.id, disabled_at=None)
        audit.append(tx, who=who.name, action="user.enable", object=f"user:{user.id}", detail=user.name)
    return _account(box, _named(box, name))


def set_role(box: Appliance, who: Person, name: str, role: Role) -> Account:
    """Make somebody an administrator or a member.

    Raises: Forbidden, NotFound; Conflict for the last administrator.
    """
    require_admin(who)
    user = _named(box, name)
    with box.db.write() as tx:
        if _checked_role(role) != "admin":
            _keep_one_admin(tx, user)
        users.update(tx, user.id, role=role)
        audit.append(
            tx, who=who.name, action="user.role", object=f"user:{user.id}", detail=f"{user.name} {role}"
        )
    box.doors.callers.clear()
    return _account(box, _named(box, name))


def unlock_user(box: Appliance, who: Person, name: str) -> None:
    """Let somebody try their password again who tried too often.   Raises: Forbidden, NotFound."""
    require_admin(who)
    user = _named(box, name)
    box.doors.sign_ins.unlock(user.name)
    with box.db.write() as tx:
        audit.append(tx, who=who.name, action="user.unlock", object=f"user:{user.id}", detail=user.name)


def _put_link(box: Appliance, tx: Writes, user: User) -> str:
    token, at = secrets.token_urlsafe(24), box.clock.now()
    digest = hashlib.sha256(token.encode()).hexdigest()
    users.put_link(
        tx,
        Link(
            token_hash=digest, purpose="password", user_id=user.id, created_at=at, expires_at=at + LINK_LIFE
        ),
    )
    return token


def _keep_one_admin(tx: Writes, leaving: User) -> None:
    others = [
        user
        for user in users.list(tx)
        if user.role == "admin" and user.disabled_at is None and user.id != leaving.id
    ]
    if not others:
        raise Conflict(
            words("{name} is the last administrator.", name=leaving.display),
            remedy=words("Make somebody else an administrator first."),
        )


def _named(box: Appliance, name: str) -> User:
    user = users.by_name(box.db, plain_name(name))
    if user is None:
        raise NotFound(words("There is no user {name!r}.", name=name[:80]), remedy=words("Check the name."))
    return user


def _checked_role(role: Role) -> Role:
    if role not in _ROLES:
        raise Refusal(
            words("Unknown role. Expected: admin or member. Received: {role!r}.", role=str(role)[:80]),
            remedy=words("Choose one of the two."),
        )
    return role


def _account(box: Appliance, user: User) -> Account:
    seen = users.sessions(box.db, user.id)
    return Account(
        id=user.id,
        name=user.name,
        display=user.display,
        role=user.role,
        created_at=user.created_at,
        disabled_at=user.disabled_at,
        seen_at=seen[0].seen_at if seen else None,
        has_password=user.password_hash != passwords.NO_PASSWORD,
    )
