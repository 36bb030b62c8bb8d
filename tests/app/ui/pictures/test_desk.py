from __future__ import annotations

import pytest

from app.usecases.labels import change_labels, changes_of
from app.usecases.person import Person
from app.wiring import Appliance
from engine.specs.pictures import LabelEdit
from tests.pages.conftest import OpenPage, words_on
from tests.pictured import put_pictures

pytestmark = pytest.mark.slow


def test_the_desk_says_what_was_changed(
    box: Appliance, ada: Person, digits: str, open_page: OpenPage
) -> None:
    page = open_page("label", id=digits)
    assert not page.exception
    assert "Nothing was changed yet" in words_on(page)
    assert page.button(key="make-version").disabled

    change_labels(box, ada, digits, LabelEdit(action="exclude", rows=(0, 1)))
    page = page.run()

    assert "2 pictures changed, 2 of them left out" in words_on(page)
    assert not page.button(key="make-version").disabled


def test_a_class_is_renamed(box: Appliance, ada: Person, digits: str, open_page: OpenPage) -> None:
    page = open_page("label", id=digits)
    page.button(key="rename-0").click().run()
    assert page.button(key="rename-do").disabled

    change_labels(box, ada, digits, LabelEdit(action="rename", old="0", label=":red[null] **x**"))
    page = open_page("label", id=digits)

    assert not page.exception
    assert ":red[null]" not in words_on(page)
    assert ":red[null] **x**" in changes_of(box, ada, digits).classes


def test_a_version_is_asked_for_by_name(
    box: Appliance, ada: Person, digits: str, open_page: OpenPage
) -> None:
    change_labels(box, ada, digits, LabelEdit(action="label", rows=(0,), label="x"))
    page = open_page("label", id=digits)
    page.button(key="make-version").click().run()
    # What stands in a dialog is pressed in tests/journeys/test_digits.py.
    assert not page.exception
    assert page.text_input(key="version-name").value == "Digits 2"


def test_a_set_without_classes_can_be_labelled(box: Appliance, ada: Person, open_page: OpenPage) -> None:
    bare = put_pictures(box, ada, count=5, labelled=False)

    page = open_page("label", id=bare)

    assert not page.exception
    assert "There are no classes yet" in words_on(page)


def test_a_filter_that_fits_nothing_says_so(digits: str, open_page: OpenPage) -> None:
    page = open_page("label", id=digits)
    page.button_group(key="desk-only").set_value("changed").run()

    assert not page.exception
    assert "No picture is like that" in words_on(page)
