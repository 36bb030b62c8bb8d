"""Who asks, as the gate found out; every handler behind it reads this instead of cookies and headers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from starlette.requests import HTTPConnection

from app.language import Translator
from app.usecases.person import Person
from app.usecases.refusals import NotSignedIn
from app.wiring import Appliance
from engine.words import words

STATE = "visitor"
Via = Literal["cookie", "key", "nothing"]


@dataclass(frozen=True, kw_only=True)
class Visitor:
    """One request's or one socket's caller.

    who: None on public pages.   via: what proved it.   token: the session's, "" without one.
    address: the peer's, or what a trusted proxy says.   language: what the caller reads.
    """

    box: Appliance
    who: Person | None
    via: Via
    token: str
    address: str
    agent: str
    language: Translator
    request_id: str

    @property
    def person(self) -> Person:
        """The signed-in caller.   Raises: NotSignedIn."""
        if self.who is None:
            raise NotSignedIn(words("Nobody is signed in here."), remedy=words("Sign in, then try again."))
        return self.who


def visitor_of(connection: HTTPConnection) -> Visitor:
    """Return who sent this request; the gate has put it there."""
    visitor = connection.scope["state"][STATE]
    assert isinstance(visitor, Visitor)
    return visitor
