"""Who asks: the one thing every use case knows about its caller."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field

from app.usecases.naming import checked_title
from app.usecases.refusals import Forbidden, Refusal
from engine.words import words
from store.users import Role, User

_MOST_LETTERS = 64
_MARKS = frozenset("._-@")


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody who is signed in, or whose key came along.   name: what they type.   display: what others see.

    by_key: a program with their key asks, not they themselves.
    """

    id: str
    name: str
    display: str
    role: Role
    by_key: bool = field(default=False, compare=False)

    @property
    def is_admin(self) -> bool:
        return self.role == "admin"


#: Whoever has the machine's own console: what they do is written down under this name.
CONSOLE = Person(id="console", name="console", display="Console", role="admin")


def person_of(user: User) -> Person:
    """Return the person behind a user's record."""
    return Person(id=user.id, name=user.name, display=user.display, role=user.role)


def require_admin(who: Person) -> None:
    """Let admins pass.   Raises: Forbidden."""
    if not who.is_admin:
        raise Forbidden(words("Only an administrator may do this."), remedy=words("Ask an administrator."))


def require_presence(who: Person) -> None:
    """Let people pass who are signed in themselves.   Raises: Forbidden for a program with their key."""
    if who.by_key:
        raise Forbidden(
            words("A key can neither make nor revoke keys."),
            remedy=words("Sign in to the portal and do it on the page of your account."),
        )


def plain_name(text: str) -> str:
    """Return a user name in the one way that it is kept and compared."""
    return unicodedata.normalize("NFKC", text).strip().casefold().encode("utf-8", "replace").decode("utf-8")


def checked_name(text: object) -> str:
    """Return a user name fit to be kept.   Raises: Refusal."""
    name = plain_name(checked_title(text, most=_MOST_LETTERS))
    if not all(letter.isalnum() or letter in _MARKS for letter in name) or not name[:1].isalnum():
        raise Refusal(
            words(
                "The user name {name!r} cannot be used. Expected: letters, digits, dots, hyphens, underscores and @.",
                name=name,
            ),
            remedy=words("Use a name such as {example!r}.", example="ada.lovelace"),
        )
    return name
