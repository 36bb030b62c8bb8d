from __future__ import annotations

import pytest

from tests.app.ui.conftest import Draw

pytestmark = pytest.mark.slow


SCRIPT = """
from app.ui.dialogs import confirm
confirm("Delete it?", "It goes **for good**.", act=lambda: st.session_state.update(gone=True), verb="Delete", key="d",
        typed={typed!r})
"""


def test_it_happens_only_after_the_button(draw: Draw) -> None:
    page = draw(SCRIPT.format(typed=""))
    assert "gone" not in page.session_state

    page.button(key="d-do").click().run()
    assert page.session_state["gone"]


def test_a_name_must_be_typed_where_one_is_asked_for(draw: Draw) -> None:
    page = draw(SCRIPT.format(typed="shop"))
    assert page.button(key="d-do").disabled

    page.text_input(key="d-typed").set_value("shop").run()
    assert not page.button(key="d-do").disabled
