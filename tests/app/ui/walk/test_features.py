from __future__ import annotations

import pytest

from app.usecases import runs
from app.usecases.person import Person
from app.wiring import Appliance
from store import jobs
from tests.app.usecases.walking import work_through
from tests.pages.conftest import OpenPage, words_on
from tests.walked import COLUMN, Walked, bob_of, tick_column

pytestmark = pytest.mark.slow


def test_every_column_is_proposed_with_a_reason(walked: Walked, open_page: OpenPage) -> None:
    page = open_page("walk", run=walked.prepared, step="features")

    assert not page.exception
    said = words_on(page)
    assert "6 columns are read by the model" in said
    table = page.data_editor[0].value
    used = dict(zip(table["column"], table["use"], strict=True))
    assert used == {
        "mean radius": True, "mean texture": True, "mean perimeter": True, "mean area": True,
        "mean smoothness": True, COLUMN: True, "id": False, "verdict": False,
    }  # fmt: skip
    assert all(table["why"])
    assert "Left out, though the file has them" in said
    assert "verdict" in said
    assert page.button(key="next-split").label == "Next: split"


def test_a_switched_off_column_is_saved_and_the_walk_goes_on(
    box: Appliance, ada: Person, walked: Walked, open_page: OpenPage
) -> None:
    page = open_page("walk", run=walked.prepared, step="features")

    page = tick_column(page, "mean area", use=False)

    assert not page.exception
    assert "0 switched on, 1 switched off" in words_on(page)
    assert not [button for button in page.button if button.key == "next-split"], "the edit would be lost"
    changed = page.button(key="save-next").click().run()
    assert not changed.error
    assert runs.get_run(box, ada, walked.prepared).spec.drop == ("mean area",)
    assert changed.query_params["step"] == "split"
    assert "Looking at your data" in words_on(changed)
    work_through(box, walked.prepared)
    changed.run()
    assert changed.button(key="next-models")


def test_a_leak_is_used_when_somebody_insists(
    box: Appliance, ada: Person, walked: Walked, open_page: OpenPage
) -> None:
    page = tick_column(open_page("walk", run=walked.prepared, step="features"), "verdict", use=True)
    page.button(key="save-plan").click().run()
    work_through(box, walked.prepared)

    page = open_page("walk", run=walked.prepared, step="features")

    assert runs.get_run(box, ada, walked.prepared).spec.keep == ("verdict",)
    assert "7 columns are read" in words_on(page)
    assert len(page.get("markdown")) and "is the target in other words" not in words_on(page)


def test_two_people_at_once_lose_nothing(
    box: Appliance, ada: Person, walked: Walked, open_page: OpenPage
) -> None:
    page = tick_column(open_page("walk", run=walked.prepared, step="features"), "mean area", use=False)
    runs.edit_plan(box, bob_of(box), walked.prepared, revision=1, use={"mean radius": False})
    runs.prepare(box, bob_of(box), walked.prepared)
    work_through(box, walked.prepared)

    refused = page.button(key="save-plan").click().run()

    assert "bob changed this run" in refused.error[0].value
    assert "Nothing of yours was saved" in refused.error[0].value
    assert runs.get_run(box, ada, walked.prepared).spec.drop == ("mean radius",), (
        "Bob's change was overwritten"
    )
    assert "This run was changed after you opened it" in words_on(refused)
    refused.button(key="show-newest").click().run()
    assert not refused.error
    table = refused.data_editor[0].value
    assert dict(zip(table["column"], table["use"], strict=True))["mean radius"] is False
    assert refused.button(key="next-split")


def test_nothing_is_changed_while_a_job_works(
    box: Appliance, ada: Person, walked: Walked, open_page: OpenPage
) -> None:
    runs.start_training(box, ada, walked.prepared)

    page = open_page("walk", run=walked.prepared, step="features")

    assert "A job is at work on this run" in words_on(page)
    assert page.data_editor[0].proto.disabled
    assert [job.kind for job in jobs.active(box.db, f"run:{walked.prepared}")] == ["train_run"]
