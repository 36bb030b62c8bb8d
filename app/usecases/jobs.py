"""Background work as people see it: what runs, what was said, call it off, start it again, throw it away."""

from __future__ import annotations

from app.jobs.workplace import JobFiles
from app.usecases import expiry
from app.usecases.listing import Listing, check_page
from app.usecases.person import Person
from app.usecases.refusals import Conflict, Forbidden, NotFound
from app.wiring import Appliance
from engine.words import words
from store import audit, datasets, jobs, run_records
from store.identifiers import is_id
from store.jobs import JobEvent, JobRecord, State
from store.table import Writes

MOST_LOG_LINES = 5_000
MOST_EVENTS = 10_000


def list_jobs(
    box: Appliance,
    who: Person,
    *,
    state: State | None = None,
    kind: str | None = None,
    limit: int = 50,
    offset: int = 0,
) -> Listing[JobRecord]:
    """Return jobs of everybody, newest first; of one state or kind where one is given.   Raises: Refusal."""
    check_page(limit, offset)
    return Listing(
        items=jobs.list(box.db, state=state, kind=kind, limit=limit, offset=offset),
        total=jobs.count(box.db, state=state, kind=kind),
    )


def get_job(box: Appliance, who: Person, job_id: str) -> JobRecord:
    """Return a job.   Raises: NotFound."""
    job = jobs.get(box.db, job_id) if is_id(job_id) else None
    if job is None:
        raise NotFound(words("There is no such job."), remedy=words("Choose one from the list of jobs."))
    return job


def events(box: Appliance, who: Person, job_id: str, after_seq: int = 0) -> tuple[JobEvent, ...]:
    """Return what a job's workers reported behind event `after_seq`, in order, at most 10,000.   Raises: NotFound."""
    job = get_job(box, who, job_id)
    return jobs.events(box.db, job.id, after_seq=after_seq, limit=MOST_EVENTS)


def log_tail(box: Appliance, who: Person, job_id: str, lines: int = 200) -> str:
    """Return the last lines of a job's log: what its libraries wrote, and the trace of an error.   Raises: NotFound."""
    job = get_job(box, who, job_id)
    return JobFiles(box.folder.job(job.id)).log_tail(max(1, min(lines, MOST_LOG_LINES)))


def cancel_job(box: Appliance, who: Person, job_id: str) -> JobRecord:
    """Call a job off and return it as it is then; one that runs ends within seconds.

    Anybody who is signed in may: the team shares one machine. It is written down.
    Raises: NotFound; Conflict when it has ended.
    """
    job = get_job(box, who, job_id)
    if job.state not in ("queued", "running"):
        raise Conflict(
            words("The job has ended already, it cannot be cancelled."),
            remedy=words("Look at what became of it."),
        )
    with box.db.write() as tx:
        _write_down(tx, who, "cancel_job", job)
    return box.jobs.cancel(job_id) or job


def retry_job(box: Appliance, who: Person, job_id: str) -> JobRecord:
    """Queue another attempt at a job; it goes on from what is finished.

    Raises: NotFound, also when its dataset or run was deleted; Conflict while it is active, or when it succeeded.
    """
    job = get_job(box, who, job_id)
    if job.state not in ("failed", "cancelled", "lost"):
        raise Conflict(
            words("Only a job that failed, was cancelled or lost can be started again."),
            remedy=words("Wait until it has ended, or look at its result."),
        )

    def together(tx: Writes, job: JobRecord) -> None:
        _ready_subject(box, tx, job)
        _write_down(tx, who, "retry_job", job)

    return box.jobs.retry(job.id, together) or job


def may_delete(box: Appliance, who: Person, job: JobRecord) -> bool:
    """Tell whether `delete_job` would delete this job for this person."""
    is_theirs = who.is_admin or job.created_by == who.id
    return is_theirs and job.state not in ("queued", "running") and not jobs.is_needed(box.db, job.id)


def delete_job(box: Appliance, who: Person, job_id: str) -> None:
    """Delete a job that has ended, with its log and the answers it made.

    Raises: NotFound; Forbidden for another person's job; Conflict while it is active, or its dataset or run shows it.
    """
    job = get_job(box, who, job_id)
    if not who.is_admin and job.created_by != who.id:
        raise Forbidden(
            words("This job belongs to somebody else."), remedy=words("Ask them or an administrator.")
        )
    with box.db.write() as tx:
        if jobs.is_needed(tx, job.id):
            raise Conflict(
                words("What this job was about is still there and shows it."),
                remedy=words("Delete the dataset or run; then its jobs can go."),
            )
        if not jobs.remove(tx, job.id):
            raise Conflict(
                words("The job has not ended, so it cannot be deleted."),
                remedy=words("Wait for its end or cancel it, then delete it."),
            )
        audit.append(
            tx, who=who.name, action="delete_job", object=f"job:{job.id}", detail=f"{job.kind}: {job.title}"
        )
    expiry.remove_folder(box, job.id)


def _ready_subject(box: Appliance, tx: Writes, job: JobRecord) -> None:
    """Let a dataset be on its way again.   Raises: NotFound when what the job is about was deleted or is over."""
    if expiry.are_answers_over(box, job):
        raise NotFound(
            words("The file that this job was to answer is no longer kept."),
            remedy=words("Send the file again."),
        )
    kind, _, name = job.subject.partition(":")
    if kind not in ("dataset", "run"):
        return
    subject = datasets.get(tx, name) if kind == "dataset" else run_records.get(tx, name)
    if subject is None or subject.deleted_at is not None:
        raise NotFound(
            words("What this job was about is deleted."), remedy=words("Begin anew with what is there.")
        )
    if kind == "dataset":
        datasets.update(tx, name, state="importing", message=None)


def _write_down(tx: Writes, who: Person, action: str, job: JobRecord) -> None:
    audit.append(tx, who=who.name, action=action, object=f"job:{job.id}", outcome="done")
