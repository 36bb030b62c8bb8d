"""Jobs as people see them: listed, read, called off and started again, with a note of who did it."""

from __future__ import annotations

import pytest

from app.usecases.datasets import delete_dataset
from app.usecases.jobs import cancel_job, events, get_job, list_jobs, log_tail, retry_job
from app.usecases.refusals import Conflict, NotFound, Refusal
from app.usecases.runs import create_run, delete_run
from app.wiring import Appliance
from store import audit, datasets, jobs
from store.identifiers import new_id
from store.jobs import JobRecord
from store.table import now
from tests.app.usecases.walking import ADA, BOB

pytestmark = pytest.mark.slow


def submit(box: Appliance, kind: str = "train_run", subject: str = f"run:{new_id()}") -> JobRecord:
    return box.jobs.submit(kind, subject=subject, title="A piece of work", created_by=BOB.id)


def test_jobs_are_listed_newest_first_by_state_and_kind(box: Appliance) -> None:
    before = list_jobs(box, ADA).total
    first, second = submit(box, subject="run:1"), submit(box, "import_dataset", "dataset:2")
    listed = list_jobs(box, ADA, limit=2)
    assert [job.id for job in listed.items] == [second.id, first.id] and listed.total == before + 2
    assert [job.id for job in list_jobs(box, ADA, kind="train_run", state="queued").items] == [first.id]
    assert list_jobs(box, ADA, limit=1, offset=1).items[0].id == first.id
    with pytest.raises(Refusal):
        list_jobs(box, ADA, limit=0)


@pytest.mark.parametrize(
    "job_id",
    [pytest.param(new_id(), id="unknown"), "../../etc/passwd", "", pytest.param("x" * 10_000, id="long")],
)
def test_what_is_not_there_is_not_found(box: Appliance, job_id: str) -> None:
    for verb in (get_job, events, log_tail, cancel_job, retry_job):
        with pytest.raises(NotFound):
            verb(box, ADA, job_id)


def test_events_and_log_are_read_in_part(box: Appliance) -> None:
    job = submit(box)
    told = [{"event": "counted", "number": i} for i in range(5)]
    with box.db.write() as tx:
        jobs.append_events(tx, job.id, told, attempt=1, at=now())
    assert [event.event["number"] for event in events(box, ADA, job.id, after_seq=3)] == [3, 4]
    assert log_tail(box, ADA, job.id) == ""
    box.folder.job(job.id).mkdir()
    (box.folder.job(job.id) / "log.txt").write_text("\n".join(map(str, range(1000))))
    assert log_tail(box, ADA, job.id, lines=2) == "998\n999"
    assert len(log_tail(box, ADA, job.id, lines=-5).splitlines()) == 1


def test_a_job_is_called_off_and_started_again_by_anybody_and_written_down(box: Appliance) -> None:
    job = submit(box, "predict_file", f"upload:{new_id()}")
    with pytest.raises(Conflict):
        retry_job(box, ADA, job.id)
    assert cancel_job(box, ADA, job.id).state == "cancelled"
    with pytest.raises(Conflict):
        cancel_job(box, ADA, job.id)
    again = retry_job(box, ADA, job.id)
    assert (again.state, again.attempt) == ("queued", 2)
    newest = audit.recent(box.db, limit=2)
    assert [(entry.who, entry.action) for entry in newest] == [("ada", "retry_job"), ("ada", "cancel_job")]


def test_a_dataset_whose_import_is_tried_again_is_on_its_way_again(box: Appliance, dataset_id: str) -> None:
    job = submit(box, "import_dataset", f"dataset:{dataset_id}")
    cancel_job(box, ADA, job.id)
    failed = datasets.get(box.db, dataset_id)
    assert failed is not None and failed.state == "failed" and failed.message
    retry_job(box, ADA, job.id)
    again = datasets.get(box.db, dataset_id)
    assert again is not None and (again.state, again.message) == ("importing", None)


@pytest.mark.parametrize("kind", ["import_dataset", "train_run"])
def test_nothing_is_tried_again_on_what_was_deleted(box: Appliance, dataset_id: str, kind: str) -> None:
    run = create_run(box, ADA, dataset_id, target="finding")
    subject = f"dataset:{dataset_id}" if kind == "import_dataset" else f"run:{run.id}"
    for job in jobs.active(box.db, f"run:{run.id}"):
        cancel_job(box, ADA, job.id)
    job = submit(box, kind, subject)
    cancel_job(box, ADA, job.id)
    delete_run(box, ADA, run.id)
    delete_dataset(box, ADA, dataset_id)
    with pytest.raises(NotFound, match="deleted"):
        retry_job(box, ADA, job.id)
    assert get_job(box, ADA, job.id).state == "cancelled"
    assert "retry_job" not in {entry.action for entry in audit.recent(box.db, limit=3)}
