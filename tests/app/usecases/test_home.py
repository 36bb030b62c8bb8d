from __future__ import annotations

from app.usecases.home import overview
from app.usecases.person import Person
from app.wiring import Appliance
from store import jobs, models, run_records
from store.identifiers import new_id
from store.jobs import JobRecord
from store.models import Model
from store.run_records import RunRecord
from store.table import now
from tests.pages.conftest import ada, box, put_dataset

__all__ = ["ada", "box"]


def test_an_empty_box_asks_for_a_table(box: Appliance, ada: Person) -> None:
    seen = overview(box, ada)

    assert (seen.datasets, seen.runs, seen.models, seen.services_live) == (0, 0, 0, 0)
    assert seen.next_step == "upload"


def test_the_next_step_is_the_first_that_nobody_has_done(box: Appliance, ada: Person) -> None:
    put_dataset(box, ada, "Customers")
    assert overview(box, ada).next_step == "train"

    at = now()
    run = RunRecord(
        id=new_id(), name="r", dataset_id="d", dataset_name="d", target="y", created_by=ada.id, created_at=at,
        updated_at=at,
    )  # fmt: skip
    with box.db.write() as tx:
        run_records.add(tx, run)
    assert overview(box, ada).next_step == "publish"

    model = Model(id=new_id(), name="m", title="M", description="", created_by=ada.id, created_at=at)
    with box.db.write() as tx:
        models.add_model(tx, model)
    assert overview(box, ada).next_step == "deploy"


def test_only_failures_that_nobody_mended_need_a_look(box: Appliance, ada: Person) -> None:
    for subject, states in (("dataset:a", ("failed", "succeeded")), ("dataset:b", ("succeeded", "lost"))):
        for state in states:
            _job(box, subject, state)

    assert [job.subject for job in overview(box, ada).failed] == ["dataset:b"]


def test_what_runs_stands_before_what_waits(box: Appliance, ada: Person) -> None:
    for state in ("running", "queued", "succeeded"):
        _job(box, f"dataset:{state}", state)

    assert [job.state for job in overview(box, ada).active] == ["running", "queued"]


def _job(box: Appliance, subject: str, state: str) -> None:
    job = JobRecord(
        id=new_id(), kind="import_dataset", subject=subject, title="x", lane="data", created_by="u",
        created_at=now(), state=state,
    )  # fmt: skip
    with box.db.write() as tx:
        jobs.add(tx, job)
