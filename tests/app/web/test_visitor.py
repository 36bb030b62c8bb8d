from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

from app.language import translator
from app.usecases.accounts import Person
from app.usecases.refusals import NotSignedIn
from app.web.visitor import Visitor

STRANGER = Visitor(
    box=SimpleNamespace(version="1"),  # type: ignore[arg-type]
    who=None,
    via="nothing",
    token="",
    address="127.0.0.1",
    agent="",
    language=translator("en"),
    request_id="0" * 16,
)


def test_nobody_is_no_person() -> None:
    with pytest.raises(NotSignedIn):
        _ = STRANGER.person


def test_somebody_is() -> None:
    ann = Person(id="1", name="ann", display="Ann", role="member")
    assert replace(STRANGER, who=ann).person is ann
