from __future__ import annotations

from app.usecases.accounts import create_api_key, list_api_keys
from app.usecases.person import Person
from app.wiring import Appliance
from tests.pages.conftest import OpenPage, add_person, words_on


def test_members_have_no_people_to_look_after(box: Appliance, ada: Person, open_page: OpenPage) -> None:
    mei = add_person(box, "mei", "Mei")

    assert [tab.label for tab in open_page("account").tabs][-1] == "People"
    assert "People" not in [tab.label for tab in open_page("account", who=mei).tabs]


def test_two_new_passwords_that_differ_change_nothing(open_page: OpenPage) -> None:
    page = open_page("account")

    page.text_input(key="new").set_value("violet tram over seven lakes")
    page.text_input(key="again").set_value("violet tram over eight lakes")
    page.form_submit_button[0].click().run()

    assert "differ" in page.error[0].value


def test_a_wrong_present_password_stays_on_the_page(open_page: OpenPage) -> None:
    page = open_page("account")

    page.text_input(key="old").set_value("not this one at all")
    for key in ("new", "again"):
        page.text_input(key=key).set_value("violet tram over seven lakes")
    page.form_submit_button[0].click().run()

    assert "present password is wrong" in page.error[0].value
    assert page.title


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
