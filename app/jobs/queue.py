"""The queue of jobs: asked for, called off, asked for again. Only rows change here; the supervisor does the rest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from app.jobs.kinds import JobKind
from store import jobs
from store.database import Database
from store.identifiers import new_id
from store.jobs import JobRecord
from store.table import Writes, now

#: What becomes of a row when it waits for another attempt.
_FRESH: Mapping[str, Any] = {
    "state": "queued",
    "token": "",
    **dict.fromkeys(("share", "note", "message", "remedy", "error_class", "result")),
    **dict.fromkeys(("started_at", "finished_at", "cancel_requested_at")),
}
ENDED = frozenset({"succeeded", "failed", "cancelled", "lost"})


@dataclass(frozen=True, kw_only=True)
class Request:
    """What somebody wants done.   subject: what it is about, "dataset:<id>".   arguments: JSON values."""

    kind: JobKind
    subject: str
    title: str
    created_by: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


def enqueue(
    db: Database, request: Request, together: Callable[[Writes, JobRecord], None] | None = None
) -> JobRecord:
    """Write a job as queued and return it; while one of its kind and subject is active, return that one instead.

    together: called within the transaction of a new job, for rows that must exist with it or not at all.
    """
    kind = request.kind
    with db.write() as tx:
        for job in jobs.active(tx, request.subject, kind=kind.name):
            return job
        job = jobs.add(
            tx,
            JobRecord(
                id=new_id(),
                kind=kind.name,
                subject=request.subject,
                title=str(request.title),
                lane=kind.lane,
                arguments=dict(request.arguments),
                created_by=request.created_by,
                created_at=now(),
            ),
        )
        if together is not None:
            together(tx, job)
    return job


def ask_to_stop(db: Database, job_id: str) -> JobRecord | None:
    """Note that an active job shall end; return it as it is now, or None where there is none."""
    with db.write() as tx:
        job = jobs.get(tx, job_id)
        if job is None or job.state in ENDED or job.cancel_requested_at is not None:
            return job
        moment = now()
        jobs.update(tx, job_id, cancel_requested_at=moment)
    return replace(job, cancel_requested_at=moment)


def enqueue_again(
    db: Database, job_id: str, together: Callable[[Writes, JobRecord], None] | None = None
) -> JobRecord | None:
    """Queue another attempt at a job that failed, was cancelled or lost; others are returned as they are.

    together: called within the transaction of the new attempt.
    """
    with db.write() as tx:
        job = jobs.get(tx, job_id)
        if job is None or job.state not in ENDED - {"succeeded"}:
            return job
        for other in jobs.active(tx, job.subject, kind=job.kind):
            return other
        if together is not None:
            together(tx, job)
        jobs.update(tx, job_id, **_FRESH, attempt=job.attempt + 1)
        return jobs.get(tx, job_id)


def put_back(db: Database, job: JobRecord) -> None:
    """Queue an attempt again that never began."""
    with db.write() as tx:
        jobs.update(tx, job.id, expect_state="running", **_FRESH)
