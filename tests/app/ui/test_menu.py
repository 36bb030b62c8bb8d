from __future__ import annotations

import pytest

from tests.app.ui.conftest import Draw

pytestmark = pytest.mark.slow


def test_the_menu_shows_sections_and_leaves_hidden_pages_out(draw: Draw) -> None:
    page = draw("""
from app.ui import links
from app.ui.menu import draw_menu
draw_menu(st.navigation(links.pages(), position="hidden"))
""")

    labels = [link.label for link in page.get("page_link")]
    assert labels == ["Home", "Datasets", "Runs", "Models", "Services", "Jobs", "System"]
    assert [caption.value for caption in page.caption] == ["Develop", "Launch", "Operate"]
