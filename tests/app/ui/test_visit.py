from __future__ import annotations

import textwrap

import pytest

from app.wiring import Appliance
from tests.app.ui.conftest import Draw
from tests.pages.conftest import box

pytestmark = pytest.mark.slow


__all__ = ["box"]

SCRIPT = """
from app.ui.visit import session_token, visit
here = visit()
st.text(here.who.display)
st.text(here.who.role)
st.text(session_token())
"""


def test_the_gates_word_is_taken_for_who_it_is(box: Appliance, draw: Draw) -> None:
    page = draw(
        SCRIPT, user={"id": "u1", "name": "mei", "display": "%E7%8E%8B%E5%B0%8F%E6%98%8E", "role": "admin"}
    )

    assert [text.value for text in page.text] == ["王小明", "admin", ""]


def test_without_the_gates_word_there_is_no_visit(box: Appliance, draw: Draw) -> None:
    page = draw(f"""
from app.usecases.refusals import NotSignedIn
try:
{textwrap.indent(SCRIPT.strip(), "    ")}
except NotSignedIn as error:
    st.text(error.message)
""", user={})  # fmt: skip

    assert [text.value for text in page.text] == ["Nobody is signed in here."]
