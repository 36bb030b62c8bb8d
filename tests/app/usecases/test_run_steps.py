"""How far each step is follows from files, events and the newest job, whatever order they say it in."""

from __future__ import annotations

import dataclasses

import pytest

from app.usecases import runs
from app.usecases.run_access import newest_job
from app.usecases.run_files import RunFiles
from app.usecases.run_steps import view_of
from app.wiring import Appliance
from store.run_records import RunRecord
from store.runs import RunFolder, read_spec
from tests.app.usecases.walking import ADA


@pytest.mark.parametrize(
    ("state", "next_step"),
    [
        ("queued", "running"),
        ("running", "running"),
        ("succeeded", "open"),
        ("cancelled", "open"),
        ("failed", "failed"),
        ("lost", "failed"),
    ],
)
def test_the_first_step_that_is_not_whole_is_what_the_job_says(
    box: Appliance, prepared: RunRecord, state: str, next_step: str
) -> None:
    job = newest_job(box, prepared.id)
    assert job is not None
    job = dataclasses.replace(job, state=state)
    view = view_of(RunFiles(box.folder.run(prepared.id)), prepared, job)
    assert [step.state for step in view.steps] == [*["done"] * 4, next_step, *["waiting"] * 3]
    assert all(step.summary and step.seconds is not None for step in view.steps[:4])
    assert not any(step.summary or step.seconds for step in view.steps[4:])


def test_a_failure_of_long_ago_is_not_blamed_on_the_next_step(box: Appliance, prepared: RunRecord) -> None:
    """The job failed at the split, then somebody changed the features: the open step has not failed."""
    files = RunFiles(box.folder.run(prepared.id))
    with RunFolder(files.folder, read_spec(files.folder)) as folder:
        folder.append({"event": "step_started", "step": "split"}, elapsed_s=1.0)
        folder.append({"event": "run_failed", "message": "No."}, elapsed_s=1.0)
    job = newest_job(box, prepared.id)
    assert job is not None
    view = view_of(files, prepared, dataclasses.replace(job, state="failed"))
    assert view.steps[4].state == "open"


def test_a_changed_run_waits_for_its_next_job(box: Appliance, prepared: RunRecord) -> None:
    runs.change_run(box, ADA, prepared.id, revision=1, seed=9)
    states = [step.state for step in runs.get_run(box, ADA, prepared.id).steps]
    assert states == [*["done"] * 3, "open", *["waiting"] * 4]
