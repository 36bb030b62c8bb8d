"""What exists, what runs, and what to do next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from app.usecases.person import Person
from app.wiring import Appliance
from store import datasets, jobs, models, run_records, services
from store.datasets import Dataset
from store.jobs import JobRecord
from store.run_records import RunRecord

#: What a person who sees the box now should do: the first of the walk's stations that nobody has reached yet.
Next = Literal["upload", "train", "publish", "deploy", "use"]
_RECENT = 5


@dataclass(frozen=True, kw_only=True)
class Overview:
    """The box at a glance.   recent…: newest first.   next_step: what comes next; None needs no telling."""

    datasets: int
    runs: int
    models: int
    services_live: int
    active: tuple[JobRecord, ...]
    failed: tuple[JobRecord, ...]
    recent_datasets: tuple[Dataset, ...]
    recent_runs: tuple[RunRecord, ...]
    next_step: Next


def overview(box: Appliance, who: Person) -> Overview:
    """Return the box at a glance. Everybody who is signed in sees all of it.   who: the caller."""
    db = box.db
    counts = (datasets.count(db), run_records.count(db), models.count(db))
    live = sum(1 for service in services.list(db) if service.state == "live")
    running = jobs.list(db, state="running", limit=_RECENT)
    return Overview(
        datasets=counts[0],
        runs=counts[1],
        models=counts[2],
        services_live=live,
        active=(*running, *jobs.list(db, state="queued", limit=_RECENT)),
        failed=_unmended(box),
        recent_datasets=datasets.list(db, limit=_RECENT),
        recent_runs=run_records.list(db, limit=_RECENT),
        next_step=_next_step(*counts, live),
    )


def _unmended(box: Appliance) -> tuple[JobRecord, ...]:
    """Return the newest failed jobs whose subject no later job has dealt with."""
    seen: set[tuple[str, str]] = set()
    failed = []
    for job in jobs.list(box.db, limit=30):
        if (job.kind, job.subject) not in seen and job.state in ("failed", "lost"):
            failed.append(job)
        seen.add((job.kind, job.subject))
    return tuple(failed[:3])


def _next_step(tables: int, runs: int, published: int, live: int) -> Next:
    if not tables:
        return "upload"
    if not runs:
        return "train"
    if not published:
        return "publish"
    return "use" if live else "deploy"
