from __future__ import annotations

import pytest

from tests.app.ui.conftest import Draw

pytestmark = pytest.mark.slow


def test_every_program_has_a_tab_and_is_shown_as_it_is(draw: Draw) -> None:
    page = draw("""
from app.ui.snippets import show_snippets
show_snippets({"curl": "curl '**x**'", "python": "print(1)", "cobol": "STOP RUN."}, key="s")
""")

    assert [tab.label for tab in page.tabs] == ["curl", "Python", "cobol"]
    assert [code.value for code in page.code] == ["curl '**x**'", "print(1)", "STOP RUN."]
    assert "in the place of KEY" in page.caption[0].value
