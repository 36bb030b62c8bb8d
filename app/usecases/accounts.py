"""Accounts: the first administrator, signing in and out, sessions and passwords; also the door to people and keys."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.usecases import passwords
from app.usecases.api_keys import (
    NewKey,
    create_api_key,
    list_api_keys,
    person_of_key,
    revoke_api_key,
)
from app.usecases.naming import checked_title
from app.usecases.people import (
    Account,
    NewAccount,
    add_user,
    create_password_link,
    disable_user,
    enable_user,
    list_users,
    set_role,
    unlock_user,
)
from app.usecases.person import CONSOLE, Person, checked_name, person_of, plain_name
from app.usecases.refusals import Conflict, NotFound, NotSignedIn, TooManyAttempts
from app.wiring import Appliance
from engine.words import words
from store import audit, users
from store.identifiers import new_id
from store.table import now
from store.users import Link, Session, User

__all__ = [
    "CONSOLE",
    "Account",
    "NewAccount",
    "NewKey",
    "Person",
    "SessionView",
    "add_user",
    "change_display",
    "change_password",
    "create_api_key",
    "create_first_admin",
    "create_password_link",
    "disable_user",
    "enable_user",
    "end_session",
    "follow_clock",
    "list_api_keys",
    "list_users",
    "person_of_key",
    "person_of_link",
    "person_of_session",
    "revoke_api_key",
    "sessions",
    "set_password",
    "set_role",
    "setup_token",
    "setup_token_is_good",
    "sign_in",
    "sign_out",
    "sweep",
    "unlock_user",
]

#: SECURITY §3: a session ends after half a day of silence, and after a week in any case.
IDLE, LONGEST = timedelta(hours=12), timedelta(days=7)
_TOUCH_EVERY = timedelta(minutes=1)
_SETUP_LIFE = timedelta(days=30)


@dataclass(frozen=True, kw_only=True)
class SessionView:
    """One browser that is signed in, for its owner's eyes.   id: names it without being its secret."""

    id: str
    created_at: datetime
    seen_at: datetime
    agent: str
    address: str
    is_this: bool


def setup_token(box: Appliance) -> str | None:
    """Return a new one-time code for making the first administrator; None when there is one.

    Called at each start: the code of an earlier start is worth nothing from then on.
    """
    if users.has_admin(box.db):
        return None
    token, at = secrets.token_urlsafe(24), box.clock.now()
    with box.db.write() as tx:
        users.put_link(
            tx,
            Link(
                token_hash=_digest(token),
                purpose="setup",
                user_id=None,
                created_at=at,
                expires_at=at + _SETUP_LIFE,
            ),
        )
    return token


def setup_token_is_good(box: Appliance, token: str) -> bool:
    """Tell whether `create_first_admin` would take this code."""
    link = users.link(box.db, _digest(token))
    usable = link is not None and link.purpose == "setup" and link.expires_at > box.clock.now()
    return usable and not users.has_admin(box.db)


def create_first_admin(box: Appliance, token: str, name: str, password: str, display: str = "") -> Person:
    """Make the first administrator.   display: what others see; the name when empty.

    Raises: NotFound when the code is wrong or used, or there is an administrator; Refusal for a name or password.
    """
    if not setup_token_is_good(box, token):
        raise _no_such_link()
    plain = checked_name(name)
    passwords.check_strength(password, plain, display)
    user = User(
        id=new_id(),
        name=plain,
        display=checked_title(display or name),
        role="admin",
        password_hash=passwords.hashed(password),
        created_at=now(),
    )
    with box.db.write() as tx:
        # Asked again inside the transaction: of two browsers with the same link only one makes an administrator.
        if users.has_admin(tx) or users.link(tx, _digest(token)) is None:
            raise _no_such_link()
        users.add(tx, user)
        users.drop_links(tx, "setup", None)
        audit.append(tx, who=user.name, action="account.setup", object=f"user:{user.id}")
    return person_of(user)


def sign_in(box: Appliance, name: str, password: str, *, address: str, agent: str) -> str:
    """Return the token of a new session.   address: the caller's.   agent: what its browser calls itself.

    The answer to a wrong name and to a wrong password is the same, and takes as long.
    Raises: NotSignedIn; TooManyAttempts (SECURITY A01, A02).
    """
    plain = plain_name(name[:200])
    user = users.by_name(box.db, plain)
    is_known = user is not None and any(
        session.address == address for session in users.sessions(box.db, user.id)
    )
    wait = box.doors.sign_ins.take(plain, address, is_known=is_known)
    if wait:
        _note(box, user, address, outcome="locked")
        raise TooManyAttempts(
            words("Too many attempts to sign in."),
            remedy=words("Wait {minutes} minutes, then try again.", minutes=-(-wait // 60)),
            retry_after_s=wait,
        )
    against = user.password_hash if user and user.disabled_at is None else passwords.NO_PASSWORD
    if not passwords.is_right(password, against) or user is None:
        _note(box, user, address, outcome="refused")
        raise NotSignedIn(
            words("The name or the password is wrong."), remedy=words("Check both, then try again.")
        )
    box.doors.sign_ins.succeeded(plain, address, is_known=is_known)
    renewed = passwords.hashed(password) if passwords.is_outdated(user.password_hash) else None
    return _open_session(box, user, renewed, address=address, agent=agent)


def person_of_session(box: Appliance, token: str) -> Person | None:
    """Return who a session token belongs to; None when it is not, or no longer, good. What it says may be 1 s old."""
    if not token:
        return None
    digest = _digest(token)
    remembered = box.doors.callers.get(digest)
    if remembered is not None:
        return remembered if isinstance(remembered, Person) else None
    at = box.clock.now()
    found = users.signed_in(box.db, digest, at)
    if found is None:
        return None
    session, user = found
    if at - session.seen_at > _TOUCH_EVERY:
        until = min(at + IDLE, session.created_at + LONGEST)
        with box.db.write() as tx:
            users.touch_session(tx, digest, seen_at=at, expires_at=until)
    person = person_of(user)
    box.doors.callers.put(digest, person)
    return person


def sign_out(box: Appliance, token: str) -> None:
    """End a session; one that is over already is no error."""
    digest = _digest(token)
    with box.db.write() as tx:
        session = users.session(tx, digest)
        if session is not None:
            users.end_session(tx, digest)
            user = users.get(tx, session.user_id)
            audit.append(tx, who=user.name if user else "?", action="account.sign_out")
    box.doors.callers.clear()


def sessions(box: Appliance, who: Person, token: str = "") -> tuple[SessionView, ...]:
    """Return the caller's sessions that are alive, the last seen first.   token: of the session that asks."""
    digest, at = _digest(token), box.clock.now()
    return tuple(
        SessionView(
            id=session.token_hash[:16],
            created_at=session.created_at,
            seen_at=session.seen_at,
            agent=session.agent,
            address=session.address,
            is_this=session.token_hash == digest,
        )
        for session in users.sessions(box.db, who.id)
        if session.expires_at > at
    )


def end_session(box: Appliance, who: Person, session_id: str) -> None:
    """End one of the caller's own sessions, named as `sessions` names it.   Raises: NotFound."""
    for session in users.sessions(box.db, who.id):
        if secrets.compare_digest(session.token_hash[:16].encode(), session_id.encode()):
            with box.db.write() as tx:
                users.end_session(tx, session.token_hash)
                audit.append(tx, who=who.name, action="account.end_session")
            box.doors.callers.clear()
            return
    raise NotFound(words("There is no such session."), remedy=words("Load the page again."))


def change_password(box: Appliance, who: Person, old: str, new: str, *, token: str = "") -> None:
    """Give the caller another password and end their other sessions.   token: of the session that stays.

    Raises: NotSignedIn when the old one is wrong; TooManyAttempts; WeakPassword.
    """
    user = _user(box, who.id)
    wait = box.doors.sign_ins.take(user.name, f"session of {user.id}", is_known=True)
    if wait:
        raise TooManyAttempts(
            words("Too many attempts with a wrong password."),
            remedy=words("Wait {minutes} minutes, then try again.", minutes=-(-wait // 60)),
            retry_after_s=wait,
        )
    if not passwords.is_right(old, user.password_hash):
        raise NotSignedIn(words("The present password is wrong."), remedy=words("Type it again."))
    box.doors.sign_ins.succeeded(user.name, f"session of {user.id}", is_known=True)
    _keep_password(box, user, new, by=who.name, keep_session=token)


def person_of_link(box: Appliance, token: str) -> Person | None:
    """Return whose password the link with this token sets; None when it is wrong, used or too old."""
    link = users.link(box.db, _digest(token))
    if (
        link is None
        or link.purpose != "password"
        or link.user_id is None
        or link.expires_at <= box.clock.now()
    ):
        return None
    user = users.get(box.db, link.user_id)
    return person_of(user) if user is not None and user.disabled_at is None else None


def set_password(box: Appliance, token: str, password: str) -> Person:
    """Set the password that a link is for; the link is used up, and every session of that person ends.

    Raises: NotFound when the link is wrong, used or too old; WeakPassword.
    """
    who = person_of_link(box, token)
    if who is None:
        raise _no_such_link()
    _keep_password(box, _user(box, who.id), password, by=who.name, link=token)
    return who


def change_display(box: Appliance, who: Person, display: str) -> Person:
    """Change the name that others see of the caller.   Raises: Refusal."""
    checked = checked_title(display, most=64)
    with box.db.write() as tx:
        users.update(tx, who.id, display=checked)
    box.doors.callers.clear()
    return person_of(_user(box, who.id))


def sweep(box: Appliance) -> int:
    """Forget sessions and links that are over; return how many. For the housekeeping."""
    with box.db.write() as tx:
        return users.sweep_sessions(tx, box.clock.now())


def follow_clock(box: Appliance) -> timedelta:
    """Take over a step of the time of day that has proven itself, and move what ends with it; return the step.

    Nobody is signed out, or in for longer, by a clock that was set. For the housekeeping.
    """
    step = box.clock.step_due()
    if step:
        with box.clock.stepping(step), box.db.write() as tx:
            users.move_ends(tx, step)
    return step


def _open_session(box: Appliance, user: User, renewed: str | None, *, address: str, agent: str) -> str:
    token, at = secrets.token_urlsafe(32), box.clock.now()
    with box.db.write() as tx:
        # Asked again: the user may have been disabled, or got another password, while argon2 worked.
        current = users.get(tx, user.id)
        if current is None or current.disabled_at is not None or current.password_hash != user.password_hash:
            raise NotSignedIn(
                words("The name or the password is wrong."), remedy=words("Check both, then try again.")
            )
        if renewed is not None:
            users.update(tx, user.id, password_hash=renewed)
        users.add_session(
            tx,
            Session(
                token_hash=_digest(token),
                user_id=user.id,
                created_at=at,
                seen_at=at,
                expires_at=at + IDLE,
                agent=agent[:200],
                address=address[:100],
            ),
        )
        audit.append(tx, who=user.name, address=address, action="account.sign_in")
    return token


def _keep_password(
    box: Appliance, user: User, password: str, *, by: str, keep_session: str = "", link: str | None = None
) -> None:
    passwords.check_strength(password, user.name, user.display)
    fresh = passwords.hashed(password)
    with box.db.write() as tx:
        if link is not None and users.link(tx, _digest(link)) is None:
            raise _no_such_link()
        users.update(tx, user.id, password_hash=fresh)
        users.drop_links(tx, "password", user.id)
        users.end_sessions(tx, user.id, but=_digest(keep_session) if keep_session else "")
        audit.append(tx, who=by, action="account.password", object=f"user:{user.id}")
    box.doors.callers.clear()


def _note(box: Appliance, user: User | None, address: str, *, outcome: str) -> None:
    """Write an attempt down. A name we do not know is left out: people type their password there by mistake."""
    if outcome == "locked" and not box.doors.sign_ins.is_news(user.name if user else "?", address):
        return
    with box.db.write() as tx:
        audit.append(
            tx, who=user.name if user else "?", address=address, action="account.sign_in", outcome=outcome
        )


def _user(box: Appliance, user_id: str) -> User:
    user = users.get(box.db, user_id)
    if user is None:
        raise Conflict(
            words("This account is no more."), remedy=words("Sign in again, or ask an administrator.")
        )
    return user


def _no_such_link() -> NotFound:
    return NotFound(
        words("This link is wrong, too old or used already."),
        remedy=words("Ask for a new one with `aimass user link NAME` on the server."),
    )


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
