from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.ui.uploader import Arrived, Uploaded
from tests.app.ui.conftest import Draw

pytestmark = pytest.mark.slow


BROWSER = Path(__file__).resolve().parents[3] / "app" / "ui" / "browser"


def test_nothing_has_arrived_at_first(draw: Draw) -> None:
    page = draw("""
from app.ui.uploader import uploader
st.text(list(uploader(key="up", owner="u1")))
""")

    assert not page.exception
    assert page.text[0].value == "[]"


def test_files_that_arrived_can_be_walked_through() -> None:
    file = Uploaded(id="1", name="a.csv")

    assert list(Arrived(files=(file,), is_alone=True)) == [file]


def test_every_word_that_the_browser_says_is_given_to_it() -> None:
    script = (BROWSER / "uploader.js").read_text(encoding="utf-8")
    source = (BROWSER.parent / "uploader.py").read_text(encoding="utf-8")

    asked = set(re.findall(r"words\.(\w+)", script)) | set(re.findall(r'\d+: "(\w+)"', script)) | {"refused"}
    assert asked <= set(re.findall(r'"(\w+)": _\(', source))


def test_the_browser_writes_no_markup_of_users() -> None:
    script = (BROWSER / "uploader.js").read_text(encoding="utf-8")

    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", script)
