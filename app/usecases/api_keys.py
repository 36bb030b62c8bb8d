"""Keys for programs: shown once, kept as a hash, and good for what they were made for."""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass, replace
from datetime import timedelta

from app.usecases.naming import checked_title
from app.usecases.person import Person, person_of, require_presence
from app.usecases.refusals import Conflict, NotFound, Refusal
from app.wiring import Appliance
from engine.words import words
from store import audit, services, users
from store.identifiers import ALPHABET
from store.table import now
from store.users import ApiKey, Scope

_KEY = re.compile(rf"aim_([{ALPHABET}]{{8}})_[{ALPHABET}]{{32}}")
_TOUCH_EVERY = timedelta(minutes=1)
_MOST_KEYS_OF_ONE_USER = 100
_SCOPES: tuple[Scope, ...] = ("api", "infer")


@dataclass(frozen=True, kw_only=True)
class NewKey:
    """A key just made.   secret: the whole key, shown this once; nobody can find it again."""

    record: ApiKey
    secret: str


def create_api_key(
    box: Appliance, who: Person, *, name: str, scope: Scope, service: str | None = None
) -> NewKey:
    """Make a key that acts for the caller.   scope: "api" for everything they may do, "infer" for asking services.

    service: the only service an "infer" key may ask.
    Raises: Forbidden for a caller who came by a key (a stolen one would outlive its end); Refusal; NotFound; Conflict.
    """
    require_presence(who)
    if scope not in _SCOPES or (service is not None and scope != "infer"):
        raise Refusal(
            words("The scope of the key is wrong. Expected: api, or infer with or without a service."),
            remedy=words("Choose one of the two."),
        )
    if service is not None and services.get(box.db, service) is None:
        raise NotFound(
            words("There is no service {name!r}.", name=service[:80]), remedy=words("Check the name.")
        )
    if len(users.keys(box.db, user_id=who.id)) >= _MOST_KEYS_OF_ONE_USER:
        raise Conflict(
            words("You have {most} keys, which is the most.", most=_MOST_KEYS_OF_ONE_USER),
            remedy=words("Revoke keys that nobody uses."),
        )
    open_part, secret = _mint()
    record = ApiKey(
        id=open_part,
        user_id=who.id,
        name=checked_title(name, most=64),
        secret_hash=key_digest(secret),
        scope=scope,
        service=service,
        created_at=now(),
    )
    with box.db.write() as tx:
        users.add_key(tx, record)
        audit.append(tx, who=who.name, action="key.create", object=f"key:{record.id}", detail=scope)
    return NewKey(record=record, secret=secret)


def list_api_keys(
    box: Appliance, who: Person, *, service: str | None = None, everyone: bool = False
) -> tuple[ApiKey, ...]:
    """Return the caller's keys that are not revoked, newest first; with `everyone`, for administrators, all of them."""
    return users.keys(box.db, user_id=None if everyone and who.is_admin else who.id, service=service)


def revoke_api_key(box: Appliance, who: Person, key_id: str) -> None:
    """Make a key worth nothing; its owner and administrators may.

    Raises: Forbidden for a caller who came by a key; NotFound.
    """
    require_presence(who)
    record = users.key(box.db, key_id)
    if record is None or record.revoked_at is not None or not (who.is_admin or record.user_id == who.id):
        raise NotFound(words("There is no such key."), remedy=words("Load the page again."))
    with box.db.write() as tx:
        users.update_key(tx, key_id, revoked_at=now())
        audit.append(tx, who=who.name, action="key.revoke", object=f"key:{key_id}")
    box.doors.callers.clear()


def person_of_key(box: Appliance, secret: str) -> Person | None:
    """Return who an "api" key acts for; None when it is wrong, revoked, of another scope, or its owner was disabled.

    What it says may be 1 s old, but for a key that was revoked or an owner who was disabled here.
    """
    digest = key_digest(secret)
    # Marked as a key's: whoever sends a key as a session's token must not be found.
    remembered = box.doors.callers.get(f"key:{digest}")
    if isinstance(remembered, Person):
        return remembered
    match = _KEY.fullmatch(secret)
    record = users.key(box.db, match[1]) if match else None
    held = record.secret_hash if record else "0" * 64
    # The comparison takes the same time wherever the two differ (SECURITY A11).
    is_same = secrets.compare_digest(held, digest)
    if record is None or not is_same or record.revoked_at is not None or record.scope != "api":
        return None
    user = users.get(box.db, record.user_id)
    if user is None or user.disabled_at is not None:
        return None
    at = now()
    if record.last_used_at is None or at - record.last_used_at > _TOUCH_EVERY:
        with box.db.write() as tx:
            users.update_key(tx, record.id, last_used_at=at)
    person = replace(person_of(user), by_key=True)
    box.doors.callers.put(f"key:{digest}", person)
    return person


def living_keys(box: Appliance, scope: Scope) -> tuple[ApiKey, ...]:
    """Return the keys of a scope that answer now: not revoked, and their owners not disabled."""
    shut_out = {user.id for user in users.list(box.db) if user.disabled_at is not None}
    return tuple(key for key in users.keys(box.db, scope=scope) if key.user_id not in shut_out)


def key_digest(secret: str) -> str:
    """Return what is kept of a key: SHA-256 of the whole of it, in hexadecimal. It is random enough to need no more."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def _mint() -> tuple[str, str]:
    letters = [secrets.choice(ALPHABET) for _ in range(40)]
    open_part, hidden = "".join(letters[:8]), "".join(letters[8:])
    return open_part, f"aim_{open_part}_{hidden}"
