"""Background jobs, and every event that their workers reported."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from store.table import Reads, Table, Writes

State = Literal["queued", "running", "succeeded", "failed", "cancelled", "lost"]
ErrorClass = Literal["USER", "RESOURCE", "INFRA", "BUG"]
ACTIVE = "state IN ('queued', 'running')"
#: Removed in one transaction, so that nobody waits long for it.
_AT_ONCE = 100
_ENDED_AT = "coalesce(finished_at, created_at)"
#: Of each kind, the newest job about a dataset or run that is still there: its page tells of it.
_NEEDED = """SELECT id FROM jobs WHERE subject IN (
    SELECT 'dataset:' || id FROM datasets WHERE deleted_at IS NULL
    UNION ALL SELECT 'run:' || id FROM runs WHERE deleted_at IS NULL
) QUALIFY row_number() OVER (PARTITION BY kind, subject ORDER BY created_at DESC, id DESC) = 1"""


@dataclass(frozen=True, kw_only=True)
class JobRecord:
    """One piece of work.

    subject: what it is about, such as "run:<id>".   token: of the present attempt (RELIABILITY R5).
    share: done, in [0, 1].   title, note, message, remedy: plain English, told in a reader's language when shown.
    tailed_bytes: how far the attempt's message file has been read.
    """

    id: str
    kind: str
    subject: str
    title: str
    lane: str
    created_by: str
    created_at: datetime
    state: State = "queued"
    attempt: int = 1
    token: str = ""
    arguments: dict[str, Any] = field(default_factory=dict)
    share: float | None = None
    note: str | None = None
    message: str | None = None
    remedy: str | None = None
    error_class: ErrorClass | None = None
    result: Any = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    cancel_requested_at: datetime | None = None
    tailed_bytes: int = 0


@dataclass(frozen=True, kw_only=True)
class JobEvent:
    """One thing a worker reported.   seq: counts from 1 over all attempts.   kind: the event's own "event"."""

    job_id: str
    seq: int
    attempt: int
    at: datetime
    kind: str
    event: dict[str, Any]


JOBS = Table("jobs", JobRecord, json=frozenset({"title", "arguments", "note", "message", "remedy", "result"}))
EVENTS = Table("job_events", JobEvent, json=frozenset({"event"}))


def add(tx: Writes, job: JobRecord) -> JobRecord:
    """Write a new job."""
    return JOBS.insert(tx, job)


def get(db: Reads, job_id: str) -> JobRecord | None:
    """Return a job by id."""
    return JOBS.one(db, "WHERE id = ?", (job_id,))


def ids(db: Reads) -> frozenset[str]:
    """Return the ids of all jobs."""
    return JOBS.ids(db)


def list(
    db: Reads,
    *,
    state: State | None = None,
    kind: str | None = None,
    subject: str | None = None,
    created_by: str | None = None,
    limit: int = 50,
    offset: int = 0,
) -> tuple[JobRecord, ...]:
    """Return jobs, newest first; of one state, kind, subject or person where one is given."""
    condition, values = _condition(state, kind, subject, created_by)
    tail = f"WHERE {condition} ORDER BY created_at DESC, id DESC LIMIT ? OFFSET ?"
    return JOBS.where(db, tail, (*values, limit, offset))


def count(
    db: Reads, *, state: State | None = None, kind: str | None = None, subject: str | None = None
) -> int:
    """Return how many jobs `list` has in all."""
    condition, values = _condition(state, kind, subject)
    return JOBS.count(db, f"WHERE {condition}", values)


def active(db: Reads, subject: str, *, kind: str | None = None) -> tuple[JobRecord, ...]:
    """Return the queued and running jobs about a subject, oldest first."""
    condition, values = _condition(None, kind, subject)
    return JOBS.where(db, f"WHERE {ACTIVE} AND {condition} ORDER BY created_at, id", values)


def queued(db: Reads, lane: str) -> tuple[JobRecord, ...]:
    """Return what waits in a lane, oldest first."""
    return JOBS.where(db, "WHERE state = 'queued' AND lane = ? ORDER BY created_at, id", (lane,))


def running(db: Reads) -> tuple[JobRecord, ...]:
    """Return every job that is said to run, oldest first; whether it does is seen from its process."""
    return JOBS.where(db, "WHERE state = 'running' ORDER BY created_at, id")


def unfinished(db: Reads) -> tuple[JobRecord, ...]:
    """Return everything that waits or is said to run, oldest first: all that a supervisor has to look at."""
    return JOBS.where(db, f"WHERE {ACTIVE} ORDER BY created_at, id")


def update(tx: Writes, job_id: str, *, expect_state: State | None = None, **changes: Any) -> bool:
    """Set fields of a job; False where there is none, or it is not in `expect_state` where that is given."""
    if expect_state is None:
        return JOBS.update(tx, changes, "id = ?", (job_id,)) > 0
    return JOBS.update(tx, changes, "id = ? AND state = ?", (job_id, expect_state)) > 0


def append_events(
    tx: Writes, job_id: str, events: Iterable[Mapping[str, Any]], *, attempt: int, at: datetime
) -> int:
    """Append what a worker reported, in order; return the last sequence number of the job.

    at: when it was read; an event with its own "at" or "time" (ISO 8601 with a zone) is kept at that moment.
    """
    last = int(
        tx.read("SELECT coalesce(max(seq), 0) AS n FROM job_events WHERE job_id = ?", (job_id,))[0]["n"]
    )
    rows = [
        JobEvent(
            job_id=job_id,
            seq=seq,
            attempt=attempt,
            at=_moment(event, at),
            kind=str(event.get("event", "")),
            event=dict(event),
        )
        for seq, event in enumerate(events, last + 1)
    ]
    EVENTS.insert_many(tx, rows)
    return last + len(rows)


def events(
    db: Reads,
    job_id: str,
    *,
    after_seq: int = 0,
    kinds: Sequence[str] | None = None,
    limit: int | None = None,
) -> tuple[JobEvent, ...]:
    """Return a job's events in order, those after `after_seq`.   kinds: only these.   limit: at most so many."""
    condition = "job_id = ? AND seq > ?"
    values: tuple[Any, ...] = (job_id, after_seq)
    if kinds is not None:
        condition += f" AND kind IN ({', '.join('?' * len(kinds)) or 'NULL'})"
        values += tuple(kinds)
    tail = f"WHERE {condition} ORDER BY seq"
    if limit is not None:
        tail, values = f"{tail} LIMIT ?", (*values, limit)
    return EVENTS.where(db, tail, values)


def ended(db: Reads, kind: str, before: datetime) -> tuple[JobRecord, ...]:
    """Return the jobs of a kind that ended before a moment, oldest first."""
    return JOBS.where(db, f"WHERE NOT {ACTIVE} AND kind = ? AND {_ENDED_AT} < ? ORDER BY id", (kind, before))


def outlived(db: Reads, before: datetime, *, but_kind: str, kind_before: datetime) -> tuple[JobRecord, ...]:
    """Return the oldest jobs that ended before a moment and that nothing needs any more; a hundred at most.

    but_kind, kind_before: for the jobs of one kind another moment counts.
    """
    is_old = f"{_ENDED_AT} < CASE WHEN kind = ? THEN ? ELSE ? END"
    tail = f"WHERE NOT {ACTIVE} AND {is_old} AND id NOT IN ({_NEEDED}) ORDER BY id LIMIT {_AT_ONCE}"
    return JOBS.where(db, tail, (but_kind, kind_before, before))


def is_needed(db: Reads, job_id: str) -> bool:
    """Tell whether a job is the newest of its kind about a dataset or run that is still there."""
    return JOBS.count(db, f"WHERE id = ? AND id IN ({_NEEDED})", (job_id,)) > 0


def remove(tx: Writes, job_id: str) -> bool:
    """Forget a job that has ended, and its events; False where there is none, or it has not ended."""
    if tx.execute(f"DELETE FROM jobs WHERE id = ? AND NOT {ACTIVE}", (job_id,)) == 0:
        return False
    tx.execute("DELETE FROM job_events WHERE job_id = ?", (job_id,))
    return True


def drop_events(tx: Writes, subject: str) -> int:
    """Forget the events of every job about a subject that is deleted; return how many. The jobs themselves stay."""
    which = "job_id IN (SELECT id FROM jobs WHERE subject = ?)"
    return tx.execute(f"DELETE FROM job_events WHERE {which}", (subject,))


def _moment(event: Mapping[str, Any], otherwise: datetime) -> datetime:
    try:
        moment = datetime.fromisoformat(str(event.get("at", event.get("time", ""))))
    except ValueError:
        return otherwise
    return moment if moment.tzinfo is not None else otherwise


def _condition(
    state: str | None, kind: str | None, subject: str | None, created_by: str | None = None
) -> tuple[str, tuple[str, ...]]:
    wanted = {"state": state, "kind": kind, "subject": subject, "created_by": created_by}
    given = {column: value for column, value in wanted.items() if value is not None}
    return " AND ".join([f"{column} = ?" for column in given]) or "TRUE", tuple(given.values())
