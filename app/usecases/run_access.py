"""Find a run and its jobs, as every use case about runs must before anything else."""

from __future__ import annotations

from app.usecases.refusals import NotFound
from app.wiring import Appliance
from engine.words import words
from store import jobs, run_records
from store.identifiers import is_id
from store.jobs import JobRecord
from store.run_records import RunRecord


def find_run(box: Appliance, run_id: str) -> RunRecord:
    """Return a run that was not deleted.   Raises: NotFound."""
    record = run_records.get(box.db, run_id) if is_id(run_id) else None
    if record is None or record.deleted_at is not None:
        raise NotFound(
            words("There is no such run, or it was deleted."),
            remedy=words("Choose one from the list of runs."),
        )
    return record


def subject_of(run_id: str) -> str:
    """Return what jobs call a run."""
    return f"run:{run_id}"


def newest_job(box: Appliance, run_id: str) -> JobRecord | None:
    """Return the newest job about a run, whatever its state."""
    return next(iter(jobs.list(box.db, subject=subject_of(run_id), limit=1)), None)
