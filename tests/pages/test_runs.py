from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from app.usecases import runs
from app.usecases.person import Person
from app.wiring import Appliance
from tests.pages.conftest import HOSTILE, OpenPage, words_on
from tests.walked import QUICK, Walked, set_run

pytestmark = pytest.mark.slow


@pytest.fixture
def box(walked_box: Appliance) -> Appliance:
    return walked_box


def test_runs_show_how_far_they_are(box: Appliance, ada: Person, walked: Walked, open_page: OpenPage) -> None:
    runs.start_training(box, ada, walked.prepared)
    set_run(box, walked.wine, name=HOSTILE)

    page = open_page("runs")

    said = words_on(page)
    assert not page.exception
    assert all(word in said for word in ("ROC AUC", "RMSE", "Published", "Evaluated", "Waiting", "Open"))
    assert "finding from Tumours" in said
    assert "\\*\\*bold\\*\\*" in said and " **bold** " not in said


def test_a_search_finds_runs_by_name(walked: Walked, open_page: OpenPage) -> None:
    assert "1 found" in words_on(open_page("runs", q="wine"))
    nothing = words_on(open_page("runs", q="*nobody*"))
    assert "Nothing here is called" in nothing and "No runs yet" not in nothing


def test_two_runs_are_picked_to_stand_side_by_side(walked: Walked, open_page: OpenPage) -> None:
    page = open_page("runs")
    assert not [button for button in page.button if button.key == "compare"]
    page.checkbox(key=f"compare-{walked.published}").check().run()
    assert page.button(key="compare").disabled
    assert "Tick another run" in words_on(page)
    page.checkbox(key=f"compare-{walked.wine}").check().run()
    page.button(key="compare").click().run()

    assert page.title[0].value == "Runs side by side"
    said = words_on(page)
    assert "They answer different questions" in said and "do not show which is better" in said
    assert not page.get("echarts_chart"), "figures of different questions were drawn side by side"
    lines = table(page)
    assert lines["Predicts"] == ["finding", "kind"] or lines["Predicts"] == ["kind", "finding"]
    assert {"Model", "Columns read", "Training rows", "Time taken"} <= set(lines)


def test_a_fair_comparison_draws_the_deciding_figures(
    box: Appliance, ada: Person, walked: Walked, open_page: OpenPage
) -> None:
    page = open_page("runs", compare=f"{walked.published},{walked.published}x")
    assert page.subheader[0].value == "This is not here"

    set_run(box, walked.prepared, task="binary")
    page = open_page("runs", compare=f"{walked.published},{walked.prepared}")

    assert not page.exception
    assert "Not all of them have been evaluated" in words_on(page)
    assert table(page)["Kinds of model"] == [QUICK[0], "left to the data"]


def test_an_empty_list_leads_to_the_datasets(
    box: Appliance, ada: Person, walked: Walked, open_page: OpenPage
) -> None:
    for run_id in (walked.waiting, walked.prepared, walked.published, walked.wine, walked.diabetes):
        runs.delete_run(box, ada, run_id)

    page = open_page("runs")

    assert page.subheader[0].value == "No runs yet"
    assert "Go to the datasets" in words_on(page)


def table(page: AppTest) -> dict[str, list[str]]:
    return {line[0]: list(line[1:]) for line in page.dataframe[0].value.itertuples(index=False)}
