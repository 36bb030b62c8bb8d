from __future__ import annotations

from app.jobs.workplace import JobFiles
from app.usecases.jobs import get_job
from app.usecases.person import Person
from app.wiring import Appliance
from store.table import now
from tests.pages.conftest import OpenPage, words_on
from tests.pages.test_jobs import put_job


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


def test_a_job_that_is_done_has_nothing_to_press(box: Appliance, ada: Person, open_page: OpenPage) -> None:
    job = put_job(box, ada, "succeeded")

    assert not open_page("job", id=job.id).main.button


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
