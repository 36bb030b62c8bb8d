from __future__ import annotations

import pytest

from app.usecases.person import Person
from app.wiring import Appliance
from tests.pages.conftest import HOSTILE, OpenPage, put_dataset, words_on
from tests.pictured import put_pictures

pytestmark = pytest.mark.slow


def test_the_page_names_its_set_and_leads_back(box: Appliance, ada: Person, open_page: OpenPage) -> None:
    page = open_page("label", id=put_pictures(box, ada, name=HOSTILE, count=6))

    assert not page.exception
    assert page.title[0].value.startswith("Label")
    assert "\\*\\*bold\\*\\*" in page.title[0].value


def test_a_table_has_nothing_to_label(box: Appliance, ada: Person, open_page: OpenPage) -> None:
    page = open_page("label", id=put_dataset(box, ada, "Sales").id)

    assert not page.exception
    assert "This dataset holds no pictures" in words_on(page)


def test_an_address_that_leads_nowhere_says_so(open_page: OpenPage) -> None:
    page = open_page("label", id="../../etc/passwd")

    assert page.subheader[0].value == "This is not here"
