from __future__ import annotations

import pytest

from app.navigation import CATALOGUE
from app.ui.links import address
from tests.app.ui.conftest import Draw

pytestmark = pytest.mark.slow


def test_addresses_carry_what_is_asked() -> None:
    assert address("home") == "/"
    assert address("model", name="a b&c") == "/model?name=a+b%26c"


def test_every_page_of_the_catalogue_is_a_page(draw: Draw) -> None:
    page = draw("""
from app.ui import links
here = st.navigation(links.pages(), position="hidden")
st.text(len(links.pages()))
links.link("job", "Job 1", id="j1")
""")

    assert page.text[0].value == str(len(CATALOGUE))
    assert page.get("page_link")[0].label == "Job 1"
