from __future__ import annotations

import pytest

from tests.app.ui.conftest import Draw
from tests.pages.conftest import ada, box, words_on

pytestmark = pytest.mark.slow


__all__ = ["ada", "box"]

SCRIPT = """
from app.ui import links, lists, tables
from app.usecases.listing import Listing
st.navigation(links.pages(), position="hidden")
things = [f"thing {{n}}" for n in range({count})]

def find(search, limit, offset):
    found = [thing for thing in things if search in thing]
    return Listing(items=tuple(found[offset : offset + limit]), total=len(found))

def draw(thing):
    with tables.row(thing, thing, to="home", params=dict()):
        pass

nothing = lists.Nothing(
    title="No things yet", sentence="They come from runs.", icon=":material/route:",
    page="runs", label="Go to the runs", mark=":material/route:",
)
st.session_state["any"] = lists.searched("things", "Search things", nothing, find, draw)
"""


def test_things_are_drawn_a_page_at_a_time(draw: Draw) -> None:
    page = draw(SCRIPT.format(count=45))
    said = words_on(page)
    assert page.session_state["any"]
    assert "thing 19" in said and "thing 20" not in said
    assert page.get("pagination")


def test_a_search_says_how_many_it_found_and_when_it_found_none(draw: Draw) -> None:
    page = draw(SCRIPT.format(count=45))
    page.text_input(key="q").set_value("thing 4").run()
    said = words_on(page)
    assert "6 found" in said and "thing 44" in said and "thing 5" not in said

    page.text_input(key="q").set_value("nowhere").run()
    assert "nowhere" in words_on(page) and not page.session_state["any"]


def test_where_nothing_is_yet_a_way_leads_to_where_things_begin(draw: Draw) -> None:
    page = draw(SCRIPT.format(count=0))
    assert "No things yet" in words_on(page) and "Go to the runs" in words_on(page)
