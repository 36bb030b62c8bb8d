from __future__ import annotations

import pytest

from app.usecases.person import Person
from app.wiring import Appliance
from tests.pages.conftest import OpenPage, ada, box, open_page

pytestmark = pytest.mark.slow


__all__ = ["ada", "box", "open_page"]


def test_who_is_signed_in_stands_beside_every_page(box: Appliance, ada: Person, open_page: OpenPage) -> None:
    page = open_page("home")

    assert not page.exception
    assert page.button(key="sign-out").label == "Sign out"
    assert page.get_by_key("language").value == "en"


def test_the_menu_speaks_the_readers_language(open_page: OpenPage) -> None:
    page = open_page("home", language="zh-CN")

    assert "数据集" in [link.label for link in page.sidebar.get("page_link")]
