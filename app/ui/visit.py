"""Who is at the screen, and the box they work with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import unquote

import streamlit as st

from app.usecases.accounts import Person
from app.usecases.refusals import NotSignedIn
from app.wiring import Appliance, appliance
from engine.words import words

#: The session's cookie, under https and without.
_SESSION_COOKIES = ("__Host-aimass_session", "aimass_session")


@dataclass(frozen=True, kw_only=True)
class Visit:
    """What every use case asks for first: `verb(here.box, here.who, …)`."""

    box: Appliance
    who: Person


def visit() -> Visit:
    """Return this visit.   Raises: NotSignedIn when the gate let nobody known through.

    The gate before the portal has checked the session and says who it is by headers that only it can set; they end up
    in `st.user`. Names travel percent-encoded, since headers are ASCII.
    """
    known = st.user.to_dict()
    if not known.get("id") or not known.get("role"):
        raise NotSignedIn(words("Nobody is signed in here."), remedy=words("Sign in."))
    name = unquote(str(known.get("name") or ""))
    who = Person(
        id=str(known["id"]),
        name=name,
        display=unquote(str(known.get("display") or "")) or name,
        role=cast(Any, known["role"]),
    )
    return Visit(box=appliance(), who=who)


def session_token() -> str:
    """Return the token of the session that this page belongs to, "" where there is none (a test)."""
    held = (st.context.cookies.get(name) for name in _SESSION_COOKIES)
    return next((token for token in held if isinstance(token, str)), "")
