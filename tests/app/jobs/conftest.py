"""A data folder with its database, a supervisor over it, and kinds of job whose handlers do as they are told."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from app.jobs.kinds import KINDS, JobKind
from app.jobs.supervisor import Supervisor
from store import jobs
from store.database import Database
from store.folder import DataFolder
from store.jobs import JobEvent, JobRecord
from tests.app.jobs.work import STUB_KINDS
from tests.runs import SETTINGS

PATIENCE_S = 60.0
"""Long enough for a busy machine; nothing here takes a hundredth of it when it has the processor to itself."""


@dataclass
class Bench:
    """A supervisor that ticks only when a test says so."""

    folder: DataFolder
    db: Database
    supervisor: Supervisor
    kinds: tuple[JobKind, ...] = field(default=(*KINDS, *STUB_KINDS))

    def submit(self, kind: str = "stub", subject: str = "thing:1", **arguments: Any) -> JobRecord:
        return self.supervisor.submit(
            kind, subject=subject, title="A piece of work", created_by="wang", arguments=arguments
        )

    def job(self, job: JobRecord) -> JobRecord:
        found = jobs.get(self.db, job.id)
        assert found is not None
        return found

    def events(self, job: JobRecord) -> tuple[JobEvent, ...]:
        return jobs.events(self.db, job.id)

    def tick_until(self, is_so: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not is_so():
            assert time.monotonic() < deadline, [self.job(one) for one in jobs.list(self.db)]
            self.supervisor.tick()
            time.sleep(0.02)

    def until_state(self, job: JobRecord, *states: str) -> JobRecord:
        self.tick_until(lambda: self.job(job).state in states)
        return self.job(job)

    def until_event(self, job: JobRecord, kind: str) -> None:
        self.tick_until(lambda: any(event.kind == kind for event in self.events(job)))

    def restart(self, **options: Any) -> Supervisor:
        """Forget everything that was in memory, as a new server does."""
        self.supervisor.close()
        self.supervisor = Supervisor(self.db, self.folder, SETTINGS, kinds=self.kinds, **options)
        return self.supervisor

    def end_all(self) -> None:
        for job in jobs.list(self.db, limit=1000):
            self.supervisor.cancel(job.id)
        deadline = time.monotonic() + PATIENCE_S
        while jobs.running(self.db) and time.monotonic() < deadline:
            self.supervisor.tick()
            time.sleep(0.02)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    folder = DataFolder(tmp_path / "data")
    with Database.open(folder) as db:
        made = Bench(folder, db, Supervisor(db, folder, SETTINGS, kinds=(*KINDS, *STUB_KINDS)))
        yield made
        made.end_all()
