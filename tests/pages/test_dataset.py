from __future__ import annotations

import csv
import io
import random

import pytest

from app.usecases.datasets import get_dataset
from app.usecases.person import Person
from app.wiring import Appliance
from tests.pages.conftest import HOSTILE, OpenPage, bring, put_dataset, words_on, work_off

pytestmark = pytest.mark.slow


def table(rows: int = 60, names: tuple[str, ...] = ("age", "city", "joined", "bought")) -> bytes:
    draw = random.Random(0)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(names)
    for number in range(rows):
        when = f"2025-0{1 + number % 9}-{10 + number % 18}"
        age = "" if number % 10 == 0 else draw.randint(18, 80)
        writer.writerow([age, draw.choice(("Oslo", "Rome", "Lima")), when, draw.choice(("yes", "no"))])
    return text.getvalue().encode()


def test_an_import_is_shown_while_it_waits(box: Appliance, ada: Person, open_page: OpenPage) -> None:
    dataset = bring(box, ada, "shop.csv", table())

    page = open_page("dataset", id=dataset.id)

    assert page.title[0].value == "shop"
    assert "Waiting for its turn" in page.get("progress")[0].text
    assert "brings you back" in words_on(page)


def test_a_read_table_shows_its_facts_columns_and_the_way_on(
    box: Appliance, ada: Person, open_page: OpenPage
) -> None:
    dataset = bring(box, ada, "shop.csv", table())
    work_off(box)

    page = open_page("dataset", id=dataset.id)

    assert not page.exception
    assert {m.label: m.value for m in page.metric} == {
        "Rows": "60", "Columns": "4", "Missing values": "2.5 %", "Rows left out": "0",
    }  # fmt: skip
    assert page.button(key="train").label == "Train a model"
    said = words_on(page)
    assert all(word in said for word in ("**age**", "**city**", "**joined**", "number", "date"))
    assert len(page.get("echarts_chart")) >= 3
    assert len(page.dataframe[0].value) == 60


def test_training_begins_with_a_target_and_a_time(box: Appliance, ada: Person, open_page: OpenPage) -> None:
    dataset = bring(box, ada, "shop.csv", table())
    work_off(box)

    page = open_page("dataset", id=dataset.id)
    page.button(key="train").click().run()

    asked = page.selectbox(key="target")
    assert asked.label == "Which column should the model predict?"
    assert "bought" in asked.options[:2]


def test_a_file_that_is_no_table_says_why_and_what_to_do(
    box: Appliance, ada: Person, open_page: OpenPage
) -> None:
    dataset = bring(box, ada, "picture.csv", bytes(range(256)) * 40)
    work_off(box)

    page = open_page("dataset", id=dataset.id)

    assert not page.exception
    assert page.error[0].value.startswith("**")
    assert page.button(key="again").label == "Read it again"


def test_hostile_columns_and_values_are_text(box: Appliance, ada: Person, open_page: OpenPage) -> None:
    names = ("n", ":red[x]", "<b>hi</b>", "**bold** [a](http://evil.example/x)")
    dataset = bring(box, ada, "names.csv", table(names=names))
    work_off(box)

    page = open_page("dataset", id=dataset.id)

    said = words_on(page)
    assert not page.exception
    assert ":red[x]" not in said
    assert "](http" not in said
    assert "<b>hi" not in said


def test_an_address_that_leads_nowhere_says_so(open_page: OpenPage) -> None:
    for wrong in ("", "nothing", "../../etc/passwd", "x" * 10_000):
        page = open_page("dataset", id=wrong)

        assert not page.exception
        assert page.subheader[0].value == "This is not here"


def test_a_name_is_shown_as_text(box: Appliance, ada: Person, open_page: OpenPage) -> None:
    dataset = put_dataset(box, ada, HOSTILE)

    page = open_page("dataset", id=dataset.id)

    assert "\\*\\*bold\\*\\*" in page.title[0].value
    assert get_dataset(box, ada, dataset.id).record.name == HOSTILE
