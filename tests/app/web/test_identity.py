from __future__ import annotations

import tomllib
from urllib.parse import unquote

from app.usecases.accounts import Person
from app.web.identity import IDENTITY_HEADERS, headers_of
from tests.served import ROOT


def test_names_travel_as_ascii_and_come_back() -> None:
    who = Person(id="1", name="王小明", display='Ann "%" é', role="member")
    headers = dict(headers_of(who))
    assert all(value.decode("ascii") for value in headers.values())
    assert unquote(headers[b"x-aimass-user"].decode()) == "王小明"
    assert unquote(headers[b"x-aimass-display"].decode()) == 'Ann "%" é'


def test_streamlit_is_told_of_the_same_headers() -> None:
    options = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))
    assert options["server"]["trustedUserHeaders"] == dict(IDENTITY_HEADERS)
