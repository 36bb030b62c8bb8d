"""Background work over the API: what runs, what was said, call it off, start it again, throw it away."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import PlainTextResponse

from app.api.caller import Caller, Limit, Offset
from app.api.shapes import EventOut, JobOut, Page
from app.usecases import jobs
from store.jobs import State

router = APIRouter(prefix="/jobs", tags=["jobs"])


@router.get("")
def list_jobs(
    caller: Caller,
    state: State | None = None,
    kind: Annotated[str | None, Query(max_length=60)] = None,
    limit: Limit = 50,
    offset: Offset = 0,
) -> Page[JobOut]:
    """List the jobs, newest first."""
    found = jobs.list_jobs(caller.box, caller.person, state=state, kind=kind, limit=limit, offset=offset)
    return Page(items=[JobOut.of(job, caller) for job in found.items], total=found.total)


@router.get("/{job_id}")
def get_job(caller: Caller, job_id: str) -> JobOut:
    """Look at one job."""
    return JobOut.of(jobs.get_job(caller.box, caller.person, job_id), caller)


@router.get("/{job_id}/events")
def get_events(caller: Caller, job_id: str, after: Annotated[int, Query(ge=0)] = 0) -> list[EventOut]:
    """Return what the job's workers reported after an event."""
    found = jobs.events(caller.box, caller.person, job_id, after)
    return [EventOut.model_validate(event) for event in found]


@router.get("/{job_id}/log", response_class=PlainTextResponse)
def get_log(caller: Caller, job_id: str, lines: Annotated[int, Query(ge=1, le=5000)] = 200) -> str:
    """Return the end of the job's log."""
    return jobs.log_tail(caller.box, caller.person, job_id, lines)


@router.post("/{job_id}/cancel")
def cancel_job(caller: Caller, job_id: str) -> JobOut:
    """Call a job off; one that runs ends within seconds."""
    return JobOut.of(jobs.cancel_job(caller.box, caller.person, job_id), caller)


@router.delete("/{job_id}", status_code=204)
def delete_job(caller: Caller, job_id: str) -> None:
    """Delete a job that has ended, with its log and the answers it made; not while a dataset or run shows it."""
    jobs.delete_job(caller.box, caller.person, job_id)


@router.post("/{job_id}/retry")
def retry_job(caller: Caller, job_id: str) -> JobOut:
    """Queue another attempt; it goes on from what is finished."""
    return JobOut.of(jobs.retry_job(caller.box, caller.person, job_id), caller)
