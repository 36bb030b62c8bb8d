from __future__ import annotations

import pytest

from app.usecases import models, runs
from app.usecases.person import Person
from app.wiring import Appliance
from store import jobs
from tests.app.usecases.walking import work_through
from tests.pages.conftest import OpenPage, words_on
from tests.walked import Walked

pytestmark = pytest.mark.slow


def test_there_is_nothing_to_publish_before_the_evaluation(walked: Walked, open_page: OpenPage) -> None:
    page = open_page("walk", run=walked.prepared, step="publish")

    assert page.subheader[0].value == "Nothing to publish yet"
    assert page.button(key="next-train")


def test_a_name_that_cannot_be_is_refused_in_words(
    box: Appliance, walked: Walked, open_page: OpenPage
) -> None:
    page = open_page("walk", run=walked.wine, step="publish")
    taken = "tumours"  # by a model that answers another question
    for name in ("", "Big Name", "../up", "<b>x</b>", "-a", taken):
        page.text_input(key="publish-name").set_value(name)
        page.button(key="publish-do").click().run()

        assert len(page.error) == 1, name
        assert "on our side" not in page.error[0].value
        assert page.text_input(key="publish-name").value == name, "what was typed is lost"
    assert not jobs.active(box.db, f"run:{walked.wine}")


def test_a_run_is_published_and_leads_to_its_model(
    box: Appliance, ada: Person, walked: Walked, open_page: OpenPage
) -> None:
    page = open_page("walk", run=walked.wine, step="publish")
    assert page.text_input(key="publish-name").value == "wines"
    page.text_area[0].set_value("For *tasting*.")
    page.button(key="publish-do").click().run()
    assert not page.error
    assert "compared with the trained model" in words_on(page)
    assert page.get("progress")

    work_through(box, walked.wine)
    page.run()

    assert models.get_model(box, ada, "wines").model.description == "For *tasting*."
    assert "wines, version 1" in words_on(page)
    assert page.button(key="open-model")


def test_publishing_that_failed_says_why_and_keeps_the_form(
    box: Appliance, ada: Person, walked: Walked, open_page: OpenPage
) -> None:
    job = runs.publish(box, ada, walked.wine, name="wines")
    with box.db.write() as tx:
        jobs.update(tx, job.id, state="failed", message="The disk is full.", remedy="Make room.")

    page = open_page("walk", run=walked.wine, step="publish")

    assert "The disk is full" in page.error[0].value
    assert page.text_input(key="publish-name")
