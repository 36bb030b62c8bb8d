from __future__ import annotations

from datetime import timedelta

import pytest

from app.usecases.person import Person
from app.wiring import Appliance
from store import users
from store.table import now
from store.users import Session
from tests.pages.conftest import OpenPage, add_person, words_on

pytestmark = pytest.mark.slow


def test_the_machine_is_described(box: Appliance, open_page: OpenPage) -> None:
    page = open_page("system")

    assert not page.exception
    assert [metric.label for metric in page.metric] == [
        "Processor",
        "Memory free",
        "Disk free",
        "Inference plane",
    ]
    assert "duckdb" in words_on(page)


def test_a_silent_inference_plane_has_a_remedy(open_page: OpenPage) -> None:
    page = open_page("system")  # nothing listens on the port in a test

    assert "does not answer" in page.error[0].value
    assert "`aimass serve`" in page.error[0].value


def test_only_administrators_see_who_else_is_here(box: Appliance, ada: Person, open_page: OpenPage) -> None:
    mei = add_person(box, "mei", "Mei")
    for who in (ada, mei):
        _sign_in(box, who)

    assert set(open_page("system").dataframe[0].value["c0"]) == {"Ada Lovelace", "Mei"}
    assert set(open_page("system", who=mei).dataframe[0].value["c0"]) == {"Mei"}


def _sign_in(box: Appliance, who: Person) -> None:
    session = Session(
        token_hash=who.id * 4, user_id=who.id, created_at=now(), seen_at=now(), expires_at=now() + timedelta(hours=1),
        agent="Firefox/140 Linux", address="10.0.0.7",
    )  # fmt: skip
    with box.db.write() as tx:
        users.add_session(tx, session)
