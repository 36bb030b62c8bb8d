from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.usecases.person import Person
from app.wiring import Appliance
from store import jobs
from store.identifiers import new_id
from store.jobs import JobRecord
from tests.app.ui.conftest import Draw
from tests.pages.conftest import HOSTILE, ada, box, words_on

pytestmark = pytest.mark.slow


__all__ = ["ada", "box"]

SCRIPT = """
from app.ui import links
from app.ui.jobs import job_cards
from app.ui.visit import visit
from app.usecases.jobs import list_jobs
st.navigation(links.pages(), position="hidden")
here = visit()
found = list_jobs(here.box, here.who).items
job_cards(here, found, key="x", download=lambda job: f"/download/{job.id}")
"""


@pytest.fixture
def job(box: Appliance, ada: Person) -> JobRecord:
    """A job that waits."""
    record = JobRecord(
        id=new_id(), kind="predict_file", subject="model:m", title=HOSTILE, lane="light",
        created_by=ada.id, created_at=datetime.now(UTC),
    )  # fmt: skip
    with box.db.write() as tx:
        jobs.add(tx, record)
    return record


def test_a_job_is_shown_while_it_works_and_offers_what_it_leaves(
    box: Appliance, job: JobRecord, draw: Draw
) -> None:
    page = draw(SCRIPT)
    assert page.get("progress") and not page.get("link_button")
    assert "\\*\\*bold\\*\\*" in words_on(page)

    with box.db.write() as tx:
        jobs.update(tx, job.id, state="succeeded")
    page.run()

    assert not page.get("progress")
    assert page.get("link_button")[0].proto.url == f"/download/{job.id}"


def test_a_job_that_failed_says_why(box: Appliance, job: JobRecord, draw: Draw) -> None:
    with box.db.write() as tx:
        jobs.update(tx, job.id, state="failed", message="A column is missing.", remedy="Add it.")

    page = draw(SCRIPT)

    assert "A column is missing" in page.error[0].value and "Add it" in page.error[0].value
    assert not page.get("link_button")


def test_several_jobs_share_one_live_part_and_one_that_was_deleted_is_left_out(
    box: Appliance, ada: Person, job: JobRecord, draw: Draw
) -> None:
    other = replace(job, id=new_id(), title="other.csv")
    with box.db.write() as tx:
        jobs.add(tx, other)
    page = draw(SCRIPT)
    assert len(page.get("progress")) == 2

    with box.db.write() as tx:
        for one in (job, other):
            jobs.update(tx, one.id, state="succeeded")
        jobs.remove(tx, job.id)
    page.run()

    assert [link.proto.url for link in page.get("link_button")] == [f"/download/{other.id}"]
