from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from app.ui.pictures.gallery import Sent, read_sent
from tests.app.ui.conftest import Draw

pytestmark = pytest.mark.slow

BROWSER = Path(__file__).resolve().parents[4] / "app" / "ui" / "browser"


def sent(*edits: dict[str, Any], nonce: str = "n") -> dict[str, Any]:
    return {"nonce": nonce, "list": list(edits)}


def test_changes_come_in_order_and_once() -> None:
    message = sent(
        {"seq": 3, "action": "undo"},
        {"seq": 1, "action": "label", "rows": [4, 5], "label": "cat"},
        {"seq": 2, "action": "exclude", "rows": [6], "label": ""},
    )

    assert read_sent(message, after={"nonce": "n", "seq": 1}) == [
        (2, Sent(action="exclude", rows=(6,), label="", token="n-2")),
        (3, Sent(action="undo", rows=(), label="", token="n-3")),
    ]


def test_another_page_begins_from_one() -> None:
    message = sent({"seq": 1, "action": "label", "rows": [0], "label": "x"}, nonce="other")

    assert [seq for seq, _ in read_sent(message, after={"nonce": "n", "seq": 9})] == [1]


@pytest.mark.parametrize(
    "message",
    [None, 3, "x", [], {}, {"list": None}, {"list": 7}, sent(*[{}] * 3), {"nonce": [], "list": [None, "a", 3]},
     sent({"seq": "1"}), sent({"seq": 1, "rows": 5})],
)  # fmt: skip
def test_what_is_no_message_of_ours_is_passed_over(message: object) -> None:
    assert read_sent(message, after={}) == []


def test_rows_and_labels_of_strangers_do_no_harm() -> None:
    ((_, one),) = read_sent(
        sent({"seq": 1, "action": "label", "rows": [1, "2", None, True, 3.5], "label": "x" * 9000}), after={}
    )

    assert one.rows == (1,)
    assert len(one.label) == 120


def test_pictures_are_drawn_by_address(draw: Draw) -> None:
    page = draw("""
from app.ui.pictures.gallery import Group, gallery, labeller, picture_grid
from app.usecases.pictures import Picture
pictures = [Picture(row=n, name=f"<b>{n}</b>.png", width=8, height=8, label="a") for n in range(3)]
gallery([Group(pictures=pictures, title="**Group** 1")], key="g", dataset_id="d")
labeller(pictures, key="l", dataset_id="d", classes=["a", "b"], can_undo=False, take=lambda sent: None)
picture_grid(["/pictures/preview/j/0"], ["as it is"], key="p")
""")

    assert not page.exception


def test_every_word_that_the_browser_says_is_given_to_it() -> None:
    script = (BROWSER / "gallery.js").read_text(encoding="utf-8")
    source = (BROWSER.parent / "pictures" / "gallery.py").read_text(encoding="utf-8")

    assert set(re.findall(r"words\.(\w+)", script)) <= set(re.findall(r'"(\w+)": _\(', source))


def test_the_browser_writes_no_markup_of_users() -> None:
    script = (BROWSER / "gallery.js").read_text(encoding="utf-8")

    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", script)
