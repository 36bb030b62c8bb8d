from __future__ import annotations

import pytest

from app.usecases import runs
from app.usecases.person import Person
from app.usecases.refusals import NotFound
from app.wiring import Appliance
from tests.pages.conftest import HOSTILE, OpenPage, add_person, words_on
from tests.walked import Walked, press, set_run

pytestmark = pytest.mark.slow


@pytest.fixture
def box(walked_box: Appliance) -> Appliance:
    return walked_box


def test_a_run_shows_what_it_predicts_and_how_far_it_is(walked: Walked, open_page: OpenPage) -> None:
    page = open_page("walk", run=walked.published)

    assert page.title[0].value == "Walked to its end"
    assert "Predicts **finding** from Tumours · One of two classes" in words_on(page)
    steps = [link for link in page.get("page_link") if link.proto.query_string.startswith(("run=", "id="))]
    assert [link.label for link in steps[:8]] == [
        "Data", "Features", "Split", "Models", "Training", "Evaluation", "Publishing", "Use",
    ]  # fmt: skip
    assert not any(link.proto.disabled for link in steps)


def test_hostile_and_endless_names_are_text(box: Appliance, walked: Walked, open_page: OpenPage) -> None:
    set_run(box, walked.prepared, name=HOSTILE, dataset_name="x" * 10_000, target=HOSTILE)

    for step in ("features", "split", "models", "train", "publish"):
        page = open_page("walk", run=walked.prepared, step=step)
        assert not page.exception and not page.error, step
        assert "\\*\\*bold\\*\\*" in page.title[0].value
        assert len(page.caption[0].value) < 600


def test_the_last_step_opens_the_model_and_waits_until_there_is_one(
    walked: Walked, open_page: OpenPage
) -> None:
    page = open_page("walk", run=walked.published, step="use")
    assert page.query_params["name"] == "tumours"
    assert page.button(key="deploy")

    page = open_page("walk", run=walked.prepared, step="use")
    assert page.button(key="next-split")


def test_a_run_is_renamed(box: Appliance, ada: Person, walked: Walked, open_page: OpenPage) -> None:
    page = open_page("walk", run=walked.wine)
    page.text_input(key=f"name-{walked.wine}").set_value("   ")
    press(page, "rename-do")
    assert len(page.error) == 1 and "on our side" not in page.error[0].value
    page.text_input(key=f"name-{walked.wine}").set_value(HOSTILE)
    press(page, "rename-do")

    assert runs.get_run(box, ada, walked.wine).record.name == HOSTILE
    assert "\\*\\*bold\\*\\*" in page.title[0].value


def test_a_run_is_deleted_after_a_question(
    box: Appliance, ada: Person, walked: Walked, open_page: OpenPage
) -> None:
    page = open_page("walk", run=walked.prepared)
    page.button(key="delete-run").click().run()
    assert runs.get_run(box, ada, walked.prepared)
    press(page, "delete-run", "delete-run-dialog-do")

    assert page.title[0].value == "Runs"
    with pytest.raises(NotFound):
        runs.get_run(box, ada, walked.prepared)


def test_a_stranger_may_look_but_not_delete(
    box: Appliance, ada: Person, walked: Walked, open_page: OpenPage
) -> None:
    cleo = add_person(box, "cleo", "Cleo")
    page = open_page("walk", who=cleo, run=walked.prepared)
    page.button(key="delete-run").click().run()
    press(page, "delete-run", "delete-run-dialog-do")

    assert len(page.error) == 1 and "on our side" not in page.error[0].value
    assert runs.get_run(box, ada, walked.prepared)
