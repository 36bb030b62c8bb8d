from __future__ import annotations

import pytest

from tests.app.ui.conftest import Draw

pytestmark = pytest.mark.slow


def test_values_of_every_kind_reach_the_table(draw: Draw) -> None:
    page = draw("""
from app.ui.tables import TableColumn, table
kinds = ("text", "number", "integer", "share", "bars", "line", "yes")
columns = [TableColumn(title="same name", kind=kind) for kind in kinds]
table(columns, [("<b>", 1, 2, 0.5, [1, 2], [3], True), (None,) * 7], key="t", alt="All kinds")
""")

    assert not page.exception
    frame = page.dataframe[0].value
    assert list(frame.iloc[0])[:4] == ["<b>", 1.0, 2, 0.5]
    assert frame.iloc[1].isna().all()


def test_a_list_shows_its_lines_as_links_and_its_pages(draw: Draw) -> None:
    page = draw("""
from app.ui import links
from app.ui.tables import page_offset, pager, row, rows
st.navigation(links.pages(), position="hidden")
start = page_offset(key="page", page_rows=2)
with rows("list"):
    for n in range(5)[start:start + 2]:
        with row(f"r{n}", f"line {n}", to="dataset", params={"id": str(n)}, caption="about"):
            st.text("right")
pager(5, key="page", page_rows=2)
""")

    assert [link.label for link in page.get("page_link")] == ["line 0", "line 1"]
    page.session_state["page"] = 3
    page.run()
    assert [link.label for link in page.get("page_link")] == ["line 4"]


def test_one_page_needs_no_numbers(draw: Draw) -> None:
    page = draw("from app.ui.tables import pager\npager(20, key='page')")

    assert not page.get("pagination")


def test_a_search_is_found_in_the_address(draw: Draw) -> None:
    page = draw(
        "from app.ui.tables import search_box\nst.text(search_box(key='q', placeholder='Search'))", q="wine "
    )

    assert page.text[0].value == "wine"
