from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.app.ui.conftest import Draw

pytestmark = pytest.mark.slow


ROOT = Path(__file__).resolve().parents[3]


def test_the_style_is_one_still_block(draw: Draw) -> None:
    page = draw("from app.ui.style import lay_style\nlay_style()")

    assert not page.exception
    assert page.get("html")


def test_markup_is_written_in_one_place_only() -> None:
    """Users' words reach a page as text: nothing else may hand markup to the browser."""
    mark = re.compile(r"unsafe_allow_html|st\.html\(|components\.v1|unsafe_allow_javascript|st\.iframe")
    sources = [
        *(ROOT / "pages").rglob("*.py"),
        *(ROOT / "app" / "ui").rglob("*.py"),
        ROOT / "app" / "main.py",
    ]

    found = {path.name for path in sources if mark.search(path.read_text(encoding="utf-8"))}

    assert found == {"style.py"}


def test_the_style_asks_no_other_host() -> None:
    source = (ROOT / "app" / "ui" / "style.py").read_text(encoding="utf-8")

    assert not re.search(r"https?://|@import|url\(", source)
