from __future__ import annotations

import pytest

from app.ui.columns import why_semantic
from engine.specs.profile import ColumnProfile
from engine.specs.schema import Column
from tests.app.ui.conftest import Draw

pytestmark = pytest.mark.slow


SCRIPT = """
from app.ui.columns import column_cards
from engine.specs.profile import Alert, ColumnProfile, Profile
from engine.specs.schema import Column, Schema
kinds = ["number", "category", "boolean", "datetime", "text", "identifier", "constant"] * {times}
base = dict(source_name="", physical="string")
columns = [Column(name=f"**c{{i}}**", semantic=kind, **base) for i, kind in enumerate(kinds)]
facts = dict(rows=10, missing=1, distinct=3, top_values=(("<b>", 5), ("y", 4)),
             earliest="2025-01-01", latest="2025-02-01", alerts=(Alert(code="x", message="Look at it."),))
known = [ColumnProfile(name=c.name, **facts) for c in columns]
column_cards(Schema(columns=tuple(columns)), Profile(rows=10, duplicate_rows=0, columns=tuple(known)))
"""


def test_every_kind_of_column_has_a_card(draw: Draw) -> None:
    page = draw(SCRIPT.format(times=1))

    assert not page.exception
    said = "\n".join(text.value for text in (*page.markdown, *page.caption))
    assert all(f"\\*\\*c{number}\\*\\*" in said for number in range(7))
    assert said.count("10 % missing") == 7
    assert said.count("Look at it") == 7


def test_many_columns_come_page_by_page_and_can_be_searched(draw: Draw) -> None:
    page = draw(SCRIPT.format(times=5))
    assert _cards(page) == 12

    page.text_input(key="column").set_value("c3").run()
    assert _cards(page) == 6  # c3, c30 … c34


def _cards(page: object) -> int:
    return sum("missing" in caption.value for caption in page.caption)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "semantic", ["number", "category", "boolean", "datetime", "text", "identifier", "constant"]
)
def test_every_kind_says_why(semantic: str) -> None:
    column = Column(name="c", source_name="c", physical="string", semantic=semantic)

    assert why_semantic(column, ColumnProfile(name="c", rows=9, missing=0, distinct=4)).endswith(".")


@pytest.mark.parametrize(
    ("earliest", "latest", "shown"),
    [
        ("2024-01-10 00:00:00", "2024-09-18 00:00:00", "2024-01-10 – 2024-09-18"),
        ("2024-01-10 00:00:00", "2024-09-18 07:30:00", "2024-01-10 00:00:00 – 2024-09-18 07:30:00"),
    ],
)
def test_days_are_shown_without_a_time_of_day(draw: Draw, earliest: str, latest: str, shown: str) -> None:
    page = draw(SCRIPT.format(times=1).replace("2025-01-01", earliest).replace("2025-02-01", latest))

    assert not page.exception
    said = " ".join(text.value for text in page.markdown)
    assert shown in said.replace("\\", "").replace("\u2060", "")
