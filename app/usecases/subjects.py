"""Where a job's subject is looked at: the page and its address."""

from __future__ import annotations

from dataclasses import dataclass

from store.jobs import JobRecord

#: kind of subject → (page, name of its parameter).
_PLACES = {
    "dataset": ("dataset", "id"),
    "run": ("walk", "run"),
    "preview": ("walk", "run"),
    "service": ("service", "name"),
}


@dataclass(frozen=True, kw_only=True)
class Jump:
    """A page and what it is asked for."""

    page: str
    params: dict[str, str]


def where(job: JobRecord) -> Jump | None:
    """Return the page of what a job is about, None where there is none."""
    kind, _, name = job.subject.partition(":")
    place = _PLACES.get(kind)
    return Jump(page=place[0], params={place[1]: name}) if place and name else None
