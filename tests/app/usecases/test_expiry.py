"""What has been kept for long enough goes; what works, waits or is needed stays, however old."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from app.jobs.workplace import JobFiles
from app.usecases import expiry
from app.usecases.expiry import Swept
from app.usecases.jobs import delete_job, get_job, may_delete, retry_job
from app.usecases.predictions import answers_file, recent_files
from app.usecases.refusals import Conflict, Forbidden, NotFound
from app.wiring import Appliance
from store import audit, datasets, jobs, run_records
from store.identifiers import new_id
from store.jobs import JobRecord
from store.table import now
from tests.app.usecases.walking import ADA, BOB

pytestmark = pytest.mark.slow

LONG = timedelta(days=181)
EVERYTHING = {"row", "source", "results"}


def put(box: Appliance, *, age: timedelta = LONG, **more: object) -> JobRecord:
    """Write a prediction that ended so long ago, with its files."""
    job = JobRecord(
        **{
            "id": new_id(), "kind": "predict_file", "subject": f"upload:{new_id()}", "title": "rows.csv",
            "lane": "quick", "created_by": BOB.id, "created_at": now() - age, "state": "succeeded",
            "finished_at": now() - age, "result": {"out": "predictions.csv"}, **more,
        }  # type: ignore[arg-type]
    )  # fmt: skip
    files = JobFiles(box.folder.job(job.id))
    for place in (files.source, files.results):
        place.mkdir(parents=True)
    (files.source / "rows.csv").write_text("a\n1\n")
    (files.results / "predictions.csv").write_text("label\nyes\n")
    with box.db.write() as tx:
        jobs.add(tx, job)
    return job


def left(box: Appliance, job: JobRecord) -> set[str]:
    """What is left of a job: its row, and folders."""
    folder = box.folder.job(job.id)
    names = {path.name for path in folder.iterdir()} if folder.exists() else set()
    return names | ({"row"} if jobs.get(box.db, job.id) else set())


def test_answers_go_after_a_month_and_the_job_after_half_a_year(box: Appliance) -> None:
    fresh, old, oldest = (put(box, age=timedelta(days=days)) for days in (29, 31, 181))
    assert expiry.sweep(box) == Swept(answers=2, jobs=1)
    assert [left(box, job) for job in (fresh, old, oldest)] == [EVERYTHING, {"row"}, set()]
    assert expiry.sweep(box) == Swept()
    assert answers_file(box, BOB, fresh.id).is_file()
    with pytest.raises(NotFound, match="kept for 30 days"):
        answers_file(box, BOB, old.id)
    assert audit.recent(box.db, 1)[0].action == "job.expire"


@pytest.mark.parametrize("state", ["queued", "running"])
def test_what_works_or_waits_never_goes(box: Appliance, state: str) -> None:
    job = put(box, age=timedelta(days=4000), state=state, finished_at=None)
    assert expiry.sweep(box) == Swept()
    assert left(box, job) == EVERYTHING
    assert expiry.answers_until(box, job) is None and expiry.job_until(box, job) is None


@pytest.mark.parametrize("kind", ["train_run", "import_dataset"])
def test_the_newest_job_about_what_is_still_there_stays(box: Appliance, dataset_id: str, kind: str) -> None:
    run = run_records.list(box.db)[0]
    subject = f"run:{run.id}" if kind == "train_run" else f"dataset:{dataset_id}"
    older = put(box, kind=kind, subject=subject, age=timedelta(days=401))
    newest = put(box, kind=kind, subject=subject, age=timedelta(days=400))
    assert expiry.sweep(box).jobs == 1
    assert (left(box, older), left(box, newest)) == (set(), EVERYTHING)
    assert expiry.job_until(box, newest) is None
    with pytest.raises(Conflict, match="still there"):
        delete_job(box, replace(ADA, role="admin"), newest.id)
    with box.db.write() as tx:
        run_records.mark_deleted(tx, run.id, now())
        datasets.mark_deleted(tx, dataset_id, now())
    assert expiry.sweep(box).jobs >= 1
    assert left(box, newest) == set()


def test_more_jobs_go_than_fit_in_one_transaction(box: Appliance) -> None:
    gone = [put(box) for _ in range(103)]
    assert expiry.sweep(box).jobs == len(gone)
    assert not any(box.folder.job(job.id).exists() for job in gone)


def test_how_long_is_a_setting_and_a_job_outlives_its_answers(box: Appliance) -> None:
    longer = replace(box, serve=replace(box.serve, keep_answers_days=400.0, keep_jobs_days=10.0))
    kept, other = put(box), put(box, kind="prepare_run", subject="run:gone")
    assert expiry.sweep(longer) == Swept(jobs=1)
    assert left(box, kept) == EVERYTHING and left(box, other) == set()
    assert kept.finished_at is not None
    assert expiry.answers_until(longer, kept) == kept.finished_at + timedelta(days=400)


def test_a_failed_file_goes_too_and_is_not_started_again_then(box: Appliance) -> None:
    job = put(box, age=timedelta(days=31), state="failed")
    with pytest.raises(NotFound, match="no longer kept"):
        retry_job(box, BOB, job.id)
    assert expiry.sweep(box).answers == 1
    assert left(box, job) == {"row"}


def test_the_log_of_who_did_what_is_cut_at_most_once_a_day(box: Appliance) -> None:
    with box.db.write() as tx:
        tx.execute("DELETE FROM audit")
        for _ in range(3):
            audit.append(tx, who="ada", action="x")
        tx.execute('UPDATE audit SET "at" = "at" - INTERVAL 800 DAY WHERE seq < 3')
    assert expiry.sweep(box) == Swept(audit=2)
    assert [entry.who for entry in audit.recent(box.db)] == ["box", "ada"]
    assert expiry.sweep(box) == Swept()


def test_a_person_deletes_their_own_job_with_its_answers_and_it_is_written_down(box: Appliance) -> None:
    job = put(box, age=timedelta(0))
    assert may_delete(box, BOB, job)
    delete_job(box, BOB, job.id)
    assert left(box, job) == set()
    with pytest.raises(NotFound):
        get_job(box, BOB, job.id)
    entry = audit.recent(box.db, 1)[0]
    assert (entry.who, entry.action, entry.object) == (BOB.name, "delete_job", f"job:{job.id}")
    assert "rows.csv" in entry.detail


def test_only_its_maker_and_administrators_delete_a_job(box: Appliance) -> None:
    eve = replace(BOB, id="eve", name="eve", role="member")
    theirs, another = put(box, age=timedelta(0)), put(box, age=timedelta(0))
    assert not may_delete(box, eve, theirs)
    with pytest.raises(Forbidden, match="somebody else"):
        delete_job(box, eve, theirs.id)
    assert left(box, theirs) == EVERYTHING
    delete_job(box, replace(eve, role="admin"), another.id)
    assert left(box, another) == set()


@pytest.mark.parametrize("state", ["queued", "running"])
def test_a_job_that_has_not_ended_is_not_deleted(box: Appliance, state: str) -> None:
    job = put(box, age=timedelta(0), state=state)
    assert not may_delete(box, BOB, job)
    with pytest.raises(Conflict, match="has not ended"):
        delete_job(box, BOB, job.id)
    assert left(box, job) == EVERYTHING


def test_the_last_files_of_a_person_are_found_again(box: Appliance) -> None:
    model = new_id()
    asked = {"model_id": model}
    mine = [put(box, age=timedelta(hours=hours), arguments=asked) for hours in (3, 2, 1)]
    put(box, age=timedelta(0), arguments={"model_id": new_id()})
    put(box, age=timedelta(0), arguments=asked, created_by=ADA.id)
    put(box, age=timedelta(days=31), arguments=asked)
    assert [job.id for job in recent_files(box, BOB, model)] == [job.id for job in reversed(mine)]
    assert len(recent_files(box, BOB, model, limit=2)) == 2


def test_a_folder_that_is_gone_already_is_no_fault(box: Appliance) -> None:
    job = put(box)
    expiry.remove_folder(box, job.id)
    assert expiry.sweep(box) == Swept(jobs=1)
