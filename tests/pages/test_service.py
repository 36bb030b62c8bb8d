from __future__ import annotations

import re

import pytest

from app.usecases import services
from app.usecases.person import Person
from app.wiring import Appliance
from tests.pages.conftest import HOSTILE, OpenPage, words_on
from tests.walked import press

pytestmark = pytest.mark.slow


@pytest.fixture
def box(walked_box: Appliance) -> Appliance:
    return walked_box


@pytest.fixture(autouse=True)
def ward(box: Appliance, ada: Person) -> str:
    """A service that nobody answers for: no plane runs."""
    return services.deploy(box, ada, name="ward", model="tumours", version=1, title=HOSTILE).name


def test_a_service_shows_its_address_its_columns_and_programs(open_page: OpenPage) -> None:
    page = open_page("service", name="ward")

    assert not page.exception
    said = words_on(page)
    assert "/v1/services/ward/predict" in said
    assert "\\*\\*bold\\*\\*" in page.title[0].value
    assert "Deployed version 1" in said and "by Ada Lovelace" in said
    assert all(language in said for language in ("curl", "Bearer KEY", "fetch("))
    reads = page.dataframe[0].value
    assert "mean radius" in list(reads.iloc[:, 0])


def test_a_key_is_shown_once_and_revoked(box: Appliance, ada: Person, open_page: OpenPage) -> None:
    page = open_page("service", name="ward")
    assert "No program may ask yet" in words_on(page)
    page.button(key="new-key").click().run()
    page.text_input(key="key-title").set_value(HOSTILE[-64:])
    press(page, "new-key", "make-key")

    (secret,) = [code.value for code in page.code if re.fullmatch(r"aim_\w+", code.value)]
    (key,) = services.get_service(box, ada, "ward").keys
    assert key.name == HOSTILE[-64:]
    press(page, "new-key", "have-key")
    assert secret not in words_on(page)
    again = open_page("service", name="ward")
    assert secret not in words_on(again)
    assert "\\*\\*bold\\*\\*" in words_on(again)
    again.button(key=f"revoke-{key.id}").click().run()
    assert not [one for one in services.get_service(box, ada, "ward").keys if one.revoked_at is None]
    assert "No program may ask yet" in words_on(again)


def test_a_service_is_stopped_and_started(box: Appliance, ada: Person, open_page: OpenPage) -> None:
    page = open_page("service", name="ward")
    assert not [button for button in page.button if button.key == "roll-back"]
    page.button(key="stop").click().run()
    assert services.get_service(box, ada, "ward").service.state == "stopped"
    assert page.button(key="try").disabled
    page.button(key="start").click().run()
    assert services.get_service(box, ada, "ward").service.state == "live"
    assert not page.button(key="try").disabled


def test_a_service_is_deleted_by_who_types_its_name(box: Appliance, ada: Person, open_page: OpenPage) -> None:
    page = open_page("service", name="ward")
    page.button(key="delete").click().run()
    assert page.button(key="delete-dialog-do").disabled
    page.text_input(key="delete-dialog-typed").set_value("ward")
    press(page, "delete")
    press(page, "delete", "delete-dialog-do")

    assert not services.list_services(box, ada)
    assert page.title[0].value == "Services"


def test_an_address_of_no_service_says_so(open_page: OpenPage) -> None:
    for name in ("", "nothing", "../ward", "x" * 10_000):
        assert open_page("service", name=name).subheader[0].value == "This is not here"
