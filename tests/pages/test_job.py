from __future__ import annotations

from datetime import UTC, datetime

import pytest

from app.jobs.workplace import JobFiles
from app.usecases.jobs import get_job
from app.usecases.person import Person
from app.wiring import Appliance
from store import jobs
from store.table import now
from tests.pages.conftest import OpenPage, add_person, words_on
from tests.pages.test_jobs import put_job
from tests.walked import press

pytestmark = pytest.mark.slow


def test_a_failed_job_says_what_why_and_what_to_do(box: Appliance, ada: Person, open_page: OpenPage) -> None:
    job = put_job(
        box, ada, "failed", message="The disk is full.", remedy="Free some space.", started_at=now(), finished_at=now()
    )  # fmt: skip

    page = open_page("job", id=job.id)

    assert not page.exception
    assert "The disk is full" in page.error[0].value
    assert "Free some space" in page.error[0].value


def test_a_failed_job_can_be_tried_again(box: Appliance, ada: Person, open_page: OpenPage) -> None:
    job = put_job(box, ada, "failed")

    open_page("job", id=job.id).button(key="retry").click().run()

    assert get_job(box, ada, job.id).state == "queued"


def test_a_waiting_job_can_be_stopped(box: Appliance, ada: Person, open_page: OpenPage) -> None:
    job = put_job(box, ada, "queued")

    open_page("job", id=job.id).button(key="cancel").click().run()

    assert get_job(box, ada, job.id).state == "cancelled"


def test_a_job_that_is_done_can_only_be_deleted_and_asks_before(
    box: Appliance, ada: Person, open_page: OpenPage
) -> None:
    job = put_job(box, ada, "succeeded")
    page = open_page("job", id=job.id)
    assert [button.key for button in page.main.button] == ["delete"]

    page.button(key="delete").click().run()
    assert get_job(box, ada, job.id)
    press(page, "delete", "sure-delete-do")

    assert not page.exception
    assert jobs.get(box.db, job.id) is None


def test_nobody_is_offered_to_delete_what_is_not_theirs_or_has_not_ended(
    box: Appliance, ada: Person, open_page: OpenPage
) -> None:
    bob = add_person(box, "bob", "Bob")
    done, waiting = put_job(box, ada, "succeeded"), put_job(box, ada, "queued")

    assert not open_page("job", who=bob, id=done.id).main.button
    assert [button.key for button in open_page("job", id=waiting.id).main.button] == ["cancel"]


def test_it_says_until_when_it_and_its_answers_are_kept(
    box: Appliance, ada: Person, open_page: OpenPage
) -> None:
    ended = datetime(2026, 1, 1, 12, tzinfo=UTC)
    page = open_page("job", id=put_job(box, ada, "succeeded", finished_at=ended).id)
    said = words_on(page).replace("\\", "")
    assert "Kept until" in said and "2026-06-30" in said
    assert "The answers were kept until 2026-01-31" in said

    page = open_page("job", id=put_job(box, ada, "succeeded", finished_at=now()).id)
    assert "The answers can be fetched until" in words_on(page)
    assert page.main.get("link_button")


def test_the_answers_of_a_file_are_found_at_its_job(box: Appliance, ada: Person, open_page: OpenPage) -> None:
    job = put_job(box, ada, "succeeded")

    (link,) = open_page("job", id=job.id).main.get("link_button")

    assert link.proto.url == f"/download/jobs/{job.id}/answers"


def test_its_log_is_shown_as_it_is(box: Appliance, ada: Person, open_page: OpenPage) -> None:
    job = put_job(box, ada, "succeeded")
    files = JobFiles(box.folder.job(job.id))
    files.folder.mkdir(parents=True)
    files.log.write_text("line one\n**line** two\n")

    page = open_page("job", id=job.id)

    assert page.code[0].value.strip() == "line one\n**line** two"


def test_a_job_nobody_knows(open_page: OpenPage) -> None:
    assert "There is no such job" in words_on(open_page("job", id="nothing"))
