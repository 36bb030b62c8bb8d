"""What an ending writes down, however often it is written."""

from __future__ import annotations

from dataclasses import replace

from app.jobs.settle import settle_import, settle_prediction, settle_run, subject_id
from app.jobs.workplace import JobFiles
from engine.specs.run import RunPaths
from store import datasets, run_records
from store.identifiers import new_id
from store.jobs import JobRecord
from store.run_records import RunRecord
from store.table import now
from tests.app.jobs.conftest import Bench
from tests.app.jobs.test_sweep import add_dataset


def job_about(subject: str, **fields: object) -> JobRecord:
    made = JobRecord(
        id=new_id(), kind="k", subject=subject, title="t", lane="data", created_by="wang", created_at=now()
    )
    return replace(made, **fields)  # type: ignore[arg-type]


def test_an_import_makes_a_dataset_ready_or_failed(bench: Bench) -> None:
    dataset_id = add_dataset(bench, "importing")
    found = {"sha256": "0" * 64, "rows": 150, "columns": 5, "rejected": 2}
    job = job_about(f"dataset:{dataset_id}", state="succeeded", result=found)
    for _ in range(2):
        settle_import(bench.db, bench.folder, job)
        ready = datasets.get(bench.db, dataset_id)
        assert ready is not None
        assert (ready.state, ready.rows, ready.columns, ready.rejected) == ("ready", 150, 5, 2)
    settle_import(bench.db, bench.folder, replace(job, state="lost", message="It vanished."))
    failed = datasets.get(bench.db, dataset_id)
    assert failed is not None and (failed.state, failed.message) == ("failed", "It vanished.")


def test_an_answered_file_is_kept_only_while_another_attempt_may_need_it(bench: Bench) -> None:
    job = job_about("upload:1", state="failed")
    files = JobFiles(bench.folder.job(job.id))
    for folder in (files.source, files.results):
        folder.mkdir(parents=True)
        (folder / "rows.csv").write_text("a\n1\n")
    settle_prediction(bench.db, bench.folder, job)
    assert (files.source / "rows.csv").exists()
    for _ in range(2):
        settle_prediction(bench.db, bench.folder, replace(job, state="succeeded"))
        assert not files.source.exists() and (files.results / "rows.csv").exists()


def test_a_run_that_came_nowhere_has_no_step(bench: Bench) -> None:
    record = RunRecord(
        id=new_id(),
        name="r",
        dataset_id=new_id(),
        dataset_name="d",
        target="y",
        created_by="wang",
        created_at=now(),
        updated_at=now(),
        step="split",
        score=0.5,
    )
    with bench.db.write() as tx:
        run_records.add(tx, record)
    job = job_about(f"run:{record.id}", state="failed")
    settle_run(bench.db, bench.folder, job)
    found = run_records.get(bench.db, record.id)
    assert found is not None and found.step == "" and found.score == 0.5
    paths = RunPaths(bench.folder.run(record.id))
    paths.folder.mkdir(parents=True)
    paths.source.write_text("{}")
    settle_run(bench.db, bench.folder, job)
    found = run_records.get(bench.db, record.id)
    assert found is not None and found.step == "upload" and found.revision == 1


def test_the_subject_names_what_a_job_is_about() -> None:
    assert subject_id(job_about("run:0123")) == "0123"
