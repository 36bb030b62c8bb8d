from __future__ import annotations

import pytest

from app.usecases.labels import change_labels, make_version
from app.usecases.person import Person
from app.wiring import Appliance
from engine.specs.pictures import LabelEdit
from tests.app.ui.conftest import Draw
from tests.pages.conftest import OpenPage, words_on
from tests.pictured import MEASURED, put_pictures

pytestmark = pytest.mark.slow


def test_a_set_is_told_in_figures(digits: str, open_page: OpenPage) -> None:
    page = open_page("dataset", id=digits)

    assert not page.exception
    assert {m.label: m.value for m in page.metric} == {
        "Pictures": "80", "Classes": "10", "Look\\-alikes": "5", "Files left out": "2",
    }  # fmt: skip


def test_its_light_and_colour_are_plots_in_words_for_people(digits: str, open_page: OpenPage) -> None:
    page = open_page("dataset", id=digits)

    said = words_on(page)
    assert all(word in said for word in ("**Brightness**", "**Sharpness**", "**Colourfulness**"))
    assert "32 in every picture" in said
    assert not any(f"**{name}**" in said for name in MEASURED)
    assert "**path**" not in said


def test_every_measure_is_called_and_explained(draw: Draw) -> None:
    page = draw(f"""
from app.ui.pictures.overview import measure_words
for name in {(*MEASURED, "other*")!r}:
    st.text(measure_words(name))
""")

    said = [text.value for text in page.text]
    assert len(set(said)) == len(MEASURED) + 1
    assert said[-1] == str(("other\\*", ""))


def test_files_left_out_are_shown_with_the_reason(digits: str, open_page: OpenPage) -> None:
    page = open_page("dataset", id=digits)

    table = page.dataframe[0].value
    assert list(table.iloc[:, 0]) == ["0/broken0.png", "<b>notes</b>.txt"]


def test_a_filter_narrows_the_sheet(digits: str, open_page: OpenPage) -> None:
    page = open_page("dataset", id=digits)
    assert "80 pictures" in words_on(page)

    page.selectbox(key="sheet-class").select("3").run()

    assert not page.exception
    assert "8 pictures" in words_on(page)


def test_a_set_without_labels_is_a_set_all_the_same(box: Appliance, ada: Person, open_page: OpenPage) -> None:
    page = open_page("dataset", id=put_pictures(box, ada, count=5, labelled=False))

    assert not page.exception
    assert {m.label: m.value for m in page.metric}["Classes"] == "0"
    assert not [one for one in page.selectbox if one.key == "sheet-class"]


def test_before_a_training_people_are_told_that_their_changes_are_no_part_of_it(
    box: Appliance, ada: Person, digits: str, open_page: OpenPage
) -> None:
    def asked() -> str:
        return words_on(open_page("dataset", id=digits).button(key="train").click().run())

    assert "while labelling" not in asked()

    change_labels(box, ada, digits, LabelEdit(action="label", rows=(0, 1), label="x"))
    told = asked()
    assert "2 pictures were changed while labelling" in told and "make a new version first" in told

    make_version(box, ada, digits, name="Digits 2")
    assert "train the newest version" in asked()
