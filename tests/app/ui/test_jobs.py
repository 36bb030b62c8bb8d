from __future__ import annotations

from datetime import UTC, datetime

import pytest

from app.usecases.person import Person
from app.wiring import Appliance
from store import jobs
from store.identifiers import new_id
from store.jobs import JobRecord
from tests.app.ui.conftest import Draw
from tests.pages.conftest import HOSTILE, ada, box, words_on

__all__ = ["ada", "box"]

SCRIPT = """
from app.ui import links
from app.ui.jobs import job_card
from app.ui.visit import visit
st.navigation(links.pages(), position="hidden")
job_card(visit(), st.query_params["job"], download="/download/answers")
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
    page = draw(SCRIPT, job=job.id)
    assert page.get("progress") and not page.get("link_button")
    assert "\\*\\*bold\\*\\*" in words_on(page)

    with box.db.write() as tx:
        jobs.update(tx, job.id, state="succeeded")
    page.run()

    assert not page.get("progress")
    assert page.get("link_button")[0].proto.url == "/download/answers"


def test_a_job_that_failed_says_why(box: Appliance, job: JobRecord, draw: Draw) -> None:
    with box.db.write() as tx:
        jobs.update(tx, job.id, state="failed", message="A column is missing.", remedy="Add it.")

    page = draw(SCRIPT, job=job.id)

    assert "A column is missing" in page.error[0].value and "Add it" in page.error[0].value
    assert not page.get("link_button")
