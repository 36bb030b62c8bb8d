from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from app.usecases import runs
from app.usecases.person import Person
from app.wiring import Appliance
from store import jobs
from tests.pages.conftest import OpenPage, words_on
from tests.walked import Walked, bob_of

pytestmark = pytest.mark.slow


def family(page: AppTest, title: str) -> object:
    return next(box for box in page.checkbox if title in box.label)


def test_the_data_proposes_families_with_reasons(walked: Walked, open_page: OpenPage) -> None:
    page = open_page("walk", run=walked.prepared, step="models")

    assert not page.exception
    assert by_data(page).value is True
    assert all(box.disabled for box in page.checkbox)
    assert sum(box.value for box in page.checkbox) > 3
    assert "Neural network is not worth its time" in words_on(page)
    assert not page.button(key="start-training").disabled


def test_families_chosen_by_hand_are_trained(
    box: Appliance, ada: Person, walked: Walked, open_page: OpenPage
) -> None:
    page = by_hand(open_page("walk", run=walked.prepared, step="models"), only="Decision tree")
    page.select_slider[0].set_value(30.0).run()

    page.button(key="start-training").click().run()

    assert not page.error
    spec = runs.get_run(box, ada, walked.prepared).spec
    assert (spec.families, spec.time_limit_s) == (("decision_tree",), 30.0)
    assert [job.kind for job in jobs.active(box.db, f"run:{walked.prepared}")] == ["train_run"]
    assert page.query_params["step"] == "train"


def test_a_search_is_asked_for_by_a_switch(
    box: Appliance, ada: Person, walked: Walked, open_page: OpenPage
) -> None:
    page = open_page("walk", run=walked.prepared, step="models")
    next(one for one in page.toggle if "Search" in one.label).set_value(True).run()

    page.button(key="start-training").click().run()

    assert not page.error
    search = runs.get_run(box, ada, walked.prepared).spec.search
    assert search is not None and search.sampler == "tpe"


def test_no_family_cannot_be_trained(walked: Walked, open_page: OpenPage) -> None:
    page = by_hand(open_page("walk", run=walked.prepared, step="models"), only="")

    baseline = family(page, "Baseline")
    assert baseline.value and baseline.disabled  # type: ignore[attr-defined]
    assert page.button(key="start-training").disabled
    assert "Choose at least one kind of model" in words_on(page)


def test_what_is_trained_is_not_trained_again_without_a_change(walked: Walked, open_page: OpenPage) -> None:
    page = open_page("walk", run=walked.wine, step="models")

    assert page.button(key="next-train").label == "Next: training"
    page.select_slider[0].set_value(300.0).run()
    assert page.button(key="start-training").label == "Train again"
    assert "the old ones of this run are removed" in words_on(page)


def test_nobodys_choice_is_overwritten(
    box: Appliance, ada: Person, walked: Walked, open_page: OpenPage
) -> None:
    page = open_page("walk", run=walked.prepared, step="models")
    page.select_slider[0].set_value(30.0).run()
    runs.change_run(box, bob_of(box), walked.prepared, revision=1, families=["linear"])

    page.button(key="start-training").click().run()

    assert "bob changed this run" in page.error[0].value
    assert page.select_slider[0].value == 30.0, "what was chosen is lost"
    spec = runs.get_run(box, ada, walked.prepared).spec
    assert (spec.families, spec.time_limit_s) == (("linear",), 60.0)
    assert not jobs.active(box.db, f"run:{walked.prepared}")


def by_data(page: AppTest) -> Any:
    """Return the switch that leaves the choice of families to the data."""
    return next(one for one in page.toggle if "Let the data" in one.label)


def by_hand(page: AppTest, *, only: str) -> AppTest:
    """Choose by hand: only the family of this title, none for ""."""
    by_data(page).set_value(False).run()
    for one in page.checkbox:
        if not one.disabled:
            one.set_value(bool(only) and only in one.label)
    return page.run()
