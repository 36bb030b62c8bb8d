from __future__ import annotations

import pytest

from app.usecases import runs
from app.usecases.person import Person
from app.usecases.pipeline import continue_run
from app.wiring import Appliance
from store import jobs
from store.jobs import JobRecord
from tests.pages.conftest import OpenPage, words_on
from tests.runs import SETTINGS
from tests.walked import Walked

pytestmark = pytest.mark.slow


@pytest.fixture
def training(box: Appliance, ada: Person, walked: Walked) -> JobRecord:
    """A training in the middle of its work: two models are finished, the evaluation has not begun."""
    runs.change_run(box, ada, walked.prepared, revision=1, families=["lightgbm"], time_limit_s=20)
    job = runs.start_training(box, ada, walked.prepared)
    with box.db.write() as tx:
        jobs.update(tx, job.id, state="running")
    continue_run(box.folder.run(walked.prepared), SETTINGS, lambda event: None, "training")
    return job


def end(box: Appliance, job: JobRecord, state: str, **facts: str) -> None:
    with box.db.write() as tx:
        jobs.update(tx, job.id, state=state, **facts)


def test_before_the_first_training_one_button_starts_it_once(
    box: Appliance, walked: Walked, open_page: OpenPage
) -> None:
    page = open_page("walk", run=walked.prepared, step="train")

    assert page.subheader[0].value == "Nothing has been trained yet"
    page.button(key="start-now").click().run()
    open_page("walk", run=walked.prepared, step="train")
    assert [one.kind for one in jobs.active(box.db, f"run:{walked.prepared}")] == ["train_run"]
    assert page.button(key="cancel-training")
    assert "first results appear here" in words_on(page)


def test_a_training_is_watched_with_curves_and_a_leaderboard(
    box: Appliance, walked: Walked, training: JobRecord, open_page: OpenPage
) -> None:
    page = open_page("walk", run=walked.prepared)

    assert not page.exception
    said = words_on(page)
    assert "You may close this page" in said and "Models so far" in said
    assert page.get("echarts_chart")[0].proto.alt == "How the model improves while it is trained"
    models = list(page.dataframe[0].value.iloc[:, 0])
    assert "Baseline" in models and len(models) >= 2
    assert not [button for button in page.button if button.key == "next-evaluate"]

    page.button(key="cancel-training").click().run()
    stopped = jobs.get(box.db, training.id)
    assert stopped is not None and (stopped.state == "cancelled" or stopped.cancel_requested_at)


def test_a_training_that_was_stopped_says_so_and_goes_on(
    box: Appliance, walked: Walked, training: JobRecord, open_page: OpenPage
) -> None:
    end(box, training, "cancelled", message="It was cancelled.")
    page = open_page("walk", run=walked.prepared, step="train")
    assert "finished models are kept" in words_on(page)
    assert not page.error and len(page.dataframe[0].value) >= 2

    end(box, training, "lost", message="The worker died.", remedy="Go on.")
    page.run()
    assert "The worker died" in page.error[0].value
    page.button(key="retry-training").click().run()
    again = jobs.get(box.db, training.id)
    assert again is not None and (again.state, again.attempt) == ("queued", 2)
    assert not page.error
    assert page.button(key="cancel-training")


def test_a_finished_training_leads_on(walked: Walked, open_page: OpenPage) -> None:
    page = open_page("walk", run=walked.published, step="train")

    said = words_on(page)
    assert "Trained models" in said and "You may close this page" not in said
    assert page.button(key="next-evaluate").label == "Next: evaluation"
    assert list(page.dataframe[0].value.iloc[:, 0]) == ["Decision tree", "Baseline"]


def test_publishing_that_failed_does_not_look_like_a_failed_training(
    box: Appliance, ada: Person, walked: Walked, open_page: OpenPage
) -> None:
    end(box, runs.publish(box, ada, walked.wine, name="wines"), "failed", message="The disk is full.")

    page = open_page("walk", run=walked.wine, step="train")

    assert not page.error
    assert page.button(key="next-evaluate")
