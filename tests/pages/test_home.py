from __future__ import annotations

import pytest

from app.usecases.person import Person
from app.wiring import Appliance
from store import jobs
from store.identifiers import new_id
from store.jobs import JobRecord
from store.table import now
from tests.pages.conftest import HOSTILE, OpenPage, put_dataset, words_on

pytestmark = pytest.mark.slow


def test_first_start_has_one_sentence_and_one_button(open_page: OpenPage) -> None:
    page = open_page("home")

    assert not page.exception
    assert page.title[0].value == "From a table to a model that answers"
    assert [button.label for button in page.main.button] == ["Upload your first table"]


def test_the_button_leads_to_the_uploads(open_page: OpenPage) -> None:
    page = open_page("home")

    page.button(key="first-upload").click().run()

    assert page.title[0].value == "Datasets"


def test_what_exists_and_what_comes_next(box: Appliance, ada: Person, open_page: OpenPage) -> None:
    put_dataset(box, ada, "Customers")

    page = open_page("home")

    assert [(metric.label, metric.value) for metric in page.metric][:2] == [("Datasets", "1"), ("Runs", "0")]
    assert "Train your first model" in words_on(page)
    assert page.button(key="next").label == "Go on"


def test_a_failed_job_says_why_until_a_later_one_mends_it(
    box: Appliance, ada: Person, open_page: OpenPage
) -> None:
    dataset = put_dataset(box, ada, "Customers", state="failed")
    _job(box, ada, f"dataset:{dataset.id}", "failed", message="The file is empty.")
    assert "The file is empty" in words_on(open_page("home"))

    _job(box, ada, f"dataset:{dataset.id}", "succeeded")
    assert "The file is empty" not in words_on(open_page("home"))


def test_names_are_text(box: Appliance, ada: Person, open_page: OpenPage) -> None:
    put_dataset(box, ada, HOSTILE)

    said = words_on(open_page("home"))

    assert "](javascript" not in said
    assert "**bold**" not in said


def _job(box: Appliance, who: Person, subject: str, state: str, message: str | None = None) -> None:
    job = JobRecord(
        id=new_id(), kind="import_dataset", subject=subject, title="Customers", lane="data", created_by=who.id,
        created_at=now(), state=state, message=message,
    )  # fmt: skip
    with box.db.write() as tx:
        jobs.add(tx, job)
