from __future__ import annotations

import pytest

from app.usecases import runs
from app.usecases.person import Person
from app.wiring import Appliance
from tests.app.usecases.walking import work_through
from tests.pages.conftest import OpenPage, words_on
from tests.walked import COLUMN, Walked, bob_of

pytestmark = pytest.mark.slow


def test_the_sets_the_reason_and_the_leaks_are_shown(walked: Walked, open_page: OpenPage) -> None:
    page = open_page("walk", run=walked.prepared, step="split")

    assert not page.exception
    assert {m.label: m.value for m in page.metric} == {"Training": "144", "Validation": "48", "Test": "48"}
    assert sorted(page.dataframe[0].value.iloc[:, 0]) == ["benign", "malignant"]
    said = words_on(page)
    assert "Stratified" in said and "Columns left out" in said
    assert [toggle.label for toggle in page.toggle] == ["Keep", "Keep"]
    assert page.button(key="divide").disabled, "nothing differs yet"


def test_a_number_has_no_classes_to_show(walked: Walked, open_page: OpenPage) -> None:
    page = open_page("walk", run=walked.diabetes, step="split")

    assert not page.exception
    assert not page.dataframe
    assert "Classes in each set" not in words_on(page)


def test_rows_are_divided_by_a_column_of_a_hostile_name(
    box: Appliance, ada: Person, walked: Walked, open_page: OpenPage
) -> None:
    page = open_page("walk", run=walked.prepared, step="split")
    next(one for one in page.selectbox if one.label == "How rows are drawn").set_value("Grouped").run()
    chosen = next(one for one in page.selectbox if one.label.startswith("Rows with the same value"))
    chosen.set_value(next(option for option in chosen.options if ":red[x]" in option)).run()
    assert not page.button(key="divide").disabled

    page.button(key="divide").click().run()
    work_through(box, walked.prepared)
    page.run()

    spec = runs.get_run(box, ada, walked.prepared).spec
    assert (spec.splitter, spec.split_column) == ("grouped", COLUMN)
    assert not page.exception
    assert page.button(key="divide").disabled


def test_a_kept_leak_is_saved_and_can_be_left_out_again(
    box: Appliance, ada: Person, walked: Walked, open_page: OpenPage
) -> None:
    for wanted in ((("verdict",)), ()):
        page = open_page("walk", run=walked.prepared, step="split")
        number = next(n for n, text in enumerate(leaks(page)) if "verdict" in text)
        page.toggle[number].set_value(bool(wanted)).run()
        work_through(box, walked.prepared)
        assert runs.get_run(box, ada, walked.prepared).spec.keep == wanted


def test_a_change_on_an_older_run_is_refused_in_words(
    box: Appliance, ada: Person, walked: Walked, open_page: OpenPage
) -> None:
    page = open_page("walk", run=walked.prepared, step="split")
    runs.change_run(box, bob_of(box), walked.prepared, revision=1, seed=7)
    runs.prepare(box, bob_of(box), walked.prepared)
    work_through(box, walked.prepared)

    page.toggle[0].set_value(True).run()

    assert "bob changed this run" in page.error[0].value
    spec = runs.get_run(box, ada, walked.prepared).spec
    assert (spec.seed, spec.keep) == (7, ())
    page.button(key="show-newest").click().run()
    assert not page.error
    assert page.toggle[0].value is False


def leaks(page: object) -> list[str]:
    return [m.value for m in page.markdown if " — " in m.value and "Stratified" not in m.value]  # type: ignore[attr-defined]
