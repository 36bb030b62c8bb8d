from __future__ import annotations

import pytest

from app.usecases.person import Person
from app.wiring import Appliance
from store import jobs
from store.identifiers import new_id
from store.jobs import JobRecord
from store.table import now
from tests.pages.conftest import HOSTILE, OpenPage, words_on

pytestmark = pytest.mark.slow


def put_job(box: Appliance, who: Person, state: str, **facts: object) -> JobRecord:
    job = JobRecord(
        id=new_id(), kind="predict_file", subject="service:shop", title="Customers", lane="quick",
        created_by=who.id, created_at=now(), state=state,
    )  # fmt: skip
    with box.db.write() as tx:
        jobs.add(tx, job)
        if facts:
            jobs.update(tx, job.id, **facts)
    return job


def test_an_empty_list_says_what_will_be_here(open_page: OpenPage) -> None:
    page = open_page("jobs")

    assert not page.exception
    assert "No work yet" in words_on(page)


def test_jobs_are_listed_and_filtered_by_state(box: Appliance, ada: Person, open_page: OpenPage) -> None:
    for state in ("succeeded", "failed", "cancelled"):
        put_job(box, ada, state, message="The disk is full." if state == "failed" else None)

    page = open_page("jobs")
    assert [badge for badge in ("Done", "Failed", "Cancelled") if badge in words_on(page)] == [
        "Done", "Failed", "Cancelled",
    ]  # fmt: skip
    assert "The disk is full" in words_on(page)

    page.get_by_key("state").set_value("failed").run()
    assert len(page.main.get("page_link")) == 1


def test_a_running_job_shows_how_far_it_is(box: Appliance, ada: Person, open_page: OpenPage) -> None:
    put_job(box, ada, "running", share=0.25, started_at=now())

    page = open_page("jobs")

    assert page.get("progress")[0].value == 25


def test_titles_are_text(box: Appliance, ada: Person, open_page: OpenPage) -> None:
    put_job(box, ada, "succeeded", title=HOSTILE)

    assert "](javascript" not in words_on(open_page("jobs"))
