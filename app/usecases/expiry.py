"""What goes by itself, and when: answers of files, jobs that nothing needs, the log of who did what."""

from __future__ import annotations

import logging
import shutil
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from app.jobs.workplace import JobFiles
from app.wiring import Appliance
from engine.files import temporary_beside
from store import audit, jobs
from store.jobs import JobRecord

log = logging.getLogger(__name__)

PREDICTION = "predict_file"
#: The log of who did what is cut once a day, not once an hour: each cut is a row of it too.
_AUDIT_SLACK = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Swept:
    """How many things went.   answers: jobs whose files did.   audit: rows."""

    answers: int = 0
    jobs: int = 0
    audit: int = 0


def answers_until(box: Appliance, job: JobRecord) -> datetime | None:
    """Return until when the files of a prediction that has ended are kept; None for another or an active job."""
    if job.kind != PREDICTION or job.state in ("queued", "running"):
        return None
    return _ended(job) + timedelta(days=box.serve.keep_answers_days)


def are_answers_over(box: Appliance, job: JobRecord) -> bool:
    """Tell whether a prediction's files are gone, or go within the hour."""
    until = answers_until(box, job)
    return until is not None and until < box.clock.earliest()


def job_until(box: Appliance, job: JobRecord) -> datetime | None:
    """Return until when a job is kept that has ended; None while it is active, or its dataset or run shows it."""
    if job.state in ("queued", "running") or jobs.is_needed(box.db, job.id):
        return None
    days = _prediction_days(box) if job.kind == PREDICTION else box.serve.keep_jobs_days
    return _ended(job) + timedelta(days=days)


def sweep(box: Appliance) -> Swept:
    """Remove what has been kept for long enough; return how much. For the housekeeping.

    Nothing that works, that waits for work, or that a dataset, run or model needs is ever touched. A job's row goes
    before its folder: a kill in between leaves a folder that the next start sweeps.
    """
    moment = box.clock.earliest()
    swept = Swept(
        answers=_sweep_answers(box, moment), jobs=_sweep_jobs(box, moment), audit=_sweep_audit(box, moment)
    )
    if swept != Swept():
        log.info("Expired: the files of %d answers, %d jobs, %d rows of the audit log.", *_counts(swept))
    return swept


def remove_folder(box: Appliance, job_id: str) -> None:
    """Remove the folder of a job whose row is gone."""
    shutil.rmtree(box.folder.job(job_id), ignore_errors=True)


def _sweep_answers(box: Appliance, moment: datetime) -> int:
    count = 0
    for job in jobs.ended(box.db, PREDICTION, moment - timedelta(days=box.serve.keep_answers_days)):
        files = JobFiles(box.folder.job(job.id))
        held = [place for place in (files.results, files.source) if place.is_dir()]
        if held:
            count += _take_away(box, job, held)
    return count


def _take_away(box: Appliance, job: JobRecord, places: list[Path]) -> bool:
    """Remove folders of a job, unless somebody has started it again in this very moment."""
    doomed = []
    with box.db.write() as tx:  # held so that nobody starts it meanwhile; one rename takes a folder away
        now = jobs.get(tx, job.id)
        if now is None or now.attempt != job.attempt or now.state != job.state:
            return False
        for place in places:
            with suppress(OSError):
                doomed.append(place.rename(temporary_beside(place)))
    for place in doomed:
        shutil.rmtree(place, ignore_errors=True)
    return bool(doomed)


def _sweep_jobs(box: Appliance, moment: datetime) -> int:
    count = 0
    while gone := _remove_some(box, moment):
        count += len(gone)
        for job_id in gone:
            remove_folder(box, job_id)
    return count


def _remove_some(box: Appliance, moment: datetime) -> list[str]:
    """Remove the rows of some jobs that have been kept for long enough, and write down that they went."""
    before = moment - timedelta(days=box.serve.keep_jobs_days)
    with box.db.write() as tx:
        found = jobs.outlived(
            tx, before, but_kind=PREDICTION, kind_before=moment - timedelta(days=_prediction_days(box))
        )
        gone = [job.id for job in found if jobs.remove(tx, job.id)]
        if gone:
            detail = f"{len(gone)} jobs, the newest of {_ended(found[-1]).isoformat(timespec='seconds')}"
            audit.append(tx, who="box", action="job.expire", detail=detail)
    return gone


def _sweep_audit(box: Appliance, moment: datetime) -> int:
    before = moment - timedelta(days=box.serve.keep_audit_days)
    if not audit.has_older(box.db, before - _AUDIT_SLACK):
        return 0
    with box.db.write() as tx:
        return audit.drop_before(tx, before)


def _prediction_days(box: Appliance) -> float:
    """A job stays at least as long as its answers."""
    return max(box.serve.keep_jobs_days, box.serve.keep_answers_days)


def _ended(job: JobRecord) -> datetime:
    return job.finished_at or job.created_at


def _counts(swept: Swept) -> tuple[int, int, int]:
    return swept.answers, swept.jobs, swept.audit
