from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from tests.app.ui.conftest import Draw

pytestmark = pytest.mark.slow

SCRIPT = """
from types import SimpleNamespace
from app.ui.walk import unsaved
run = SimpleNamespace(record=SimpleNamespace(id="r1", revision=st.session_state.get("now", 1)))
changed = st.checkbox("change", key=f"change-{unsaved.base_of(run)}")
unsaved.settle(run, is_changed=changed)
st.text(unsaved.base_of(run))
"""


def moved_on(page: AppTest) -> AppTest:
    """Let somebody else save the run meanwhile."""
    page.session_state["now"] = 2
    return page.run()


def test_a_page_without_changes_follows_the_run(draw: Draw) -> None:
    page = moved_on(draw(SCRIPT))

    assert page.text[0].value == "2"
    assert not page.button


def test_unsaved_changes_stand_on_what_was_seen_until_the_visitor_says_so(draw: Draw) -> None:
    page = draw(SCRIPT)
    page.checkbox[0].check().run()
    moved_on(page)

    assert page.text[0].value == "1"
    assert page.checkbox[0].value is True, "what the visitor ticked was lost"
    assert "changed after you opened it" in page.caption[0].value
    page.button(key="show-newest").click().run()
    assert page.text[0].value == "2"
    assert page.checkbox[0].value is False
