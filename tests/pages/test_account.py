from __future__ import annotations

import pytest

from app.usecases.accounts import create_api_key, list_api_keys
from app.usecases.person import Person
from app.wiring import Appliance
from tests.pages.conftest import OpenPage, add_person, words_on

pytestmark = pytest.mark.slow


def test_members_have_no_people_to_look_after(box: Appliance, ada: Person, open_page: OpenPage) -> None:
    mei = add_person(box, "mei", "Mei")

    assert [tab.label for tab in open_page("account").tabs][-1] == "People"
    assert "People" not in [tab.label for tab in open_page("account", who=mei).tabs]


def test_a_password_is_changed_on_the_plain_page_alone(open_page: OpenPage) -> None:
    page = open_page("account")
    assert not page.text_input and not page.get("form_submit_button")

    page.button(key="change-password").click().run()

    assert not page.exception
    assert page.get("bidi_component"), "the browser is sent to /password"


def test_keys_are_listed_without_their_secret(box: Appliance, ada: Person, open_page: OpenPage) -> None:
    made = create_api_key(box, ada, name="Nightly", scope="api")

    said = words_on(open_page("account"))

    assert "Nightly" in said
    assert made.record.id in said
    assert made.secret not in said


def test_a_new_key_is_asked_for_in_a_dialog(box: Appliance, ada: Person, open_page: OpenPage) -> None:
    page = open_page("account")

    page.button(key="new-key").click().run()

    assert page.text_input(key="key-name").label == "What is it for?"
    assert not list_api_keys(box, ada)
