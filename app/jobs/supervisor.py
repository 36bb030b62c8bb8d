"""The supervisor of all jobs: starts what may start, reads what workers say, and settles what has ended."""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from app.jobs import failures, queue
from app.jobs.attempts import STARTUP_S, Attempts, Life
from app.jobs.kinds import KINDS, JobKind, resolve
from app.jobs.leases import LANES, who_may_start
from app.jobs.messages import OUTCOME, Message, read_messages
from app.jobs.queue import Request
from app.jobs.sweep import sweep
from app.settings import Settings
from engine.errors import AimassError
from store import jobs
from store.database import Database
from store.folder import DataFolder
from store.jobs import JobRecord
from store.table import Writes, now

#: A worker that has said its last word gets so long to go; then it is ended.
FAREWELL_S = 5.0
_log = logging.getLogger(__name__)


class Supervisor:
    """The one place that starts and ends jobs. Its state is the database, the job folders and the living processes.

    Any thread may call it; `tick` is called every half second by the scheduler.
    """

    def __init__(
        self,
        db: Database,
        folder: DataFolder,
        settings: Settings,
        *,
        kinds: tuple[JobKind, ...] = KINDS,
        startup_s: float = STARTUP_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """kinds: the work it knows.   startup_s: a worker that shows no sign of life by then is given up."""
        self._kinds = {kind.name: kind for kind in kinds}
        self._db = db
        self._folder = folder
        self._attempts = Attempts(folder, settings, startup_s=startup_s, clock=clock)
        self._clock = clock
        self._lock = threading.RLock()
        self._farewells: dict[str, float] = {}
        self._is_closed = False

    def submit(
        self,
        kind: str,
        *,
        subject: str,
        title: str,
        created_by: str,
        arguments: Mapping[str, Any] | None = None,
        together: Callable[[Writes, JobRecord], None] | None = None,
    ) -> JobRecord:
        """Queue work and return its job, which is on disk before this returns; the next tick may start it.

        While a job of this kind about this subject is queued or runs, that one is returned and nothing else happens.
        together: called with the new job in the same transaction.   Raises: KeyError for an unknown kind.
        """
        request = Request(
            kind=self._kinds[kind],
            subject=subject,
            title=title,
            created_by=created_by,
            arguments=arguments or {},
        )
        return queue.enqueue(self._db, request, together)

    def cancel(self, job_id: str) -> JobRecord | None:
        """Call a job off: at once while it waits, within seconds while it runs. One that has ended stays as it is."""
        with self._lock:
            job = queue.ask_to_stop(self._db, job_id)
            if job is not None and job.state == "queued":
                self._finish(job, failures.CANCELLED.as_event())
            elif job is not None and job.state == "running":
                self._attempts.stop(job)
            return jobs.get(self._db, job_id)

    def retry(self, job_id: str) -> JobRecord | None:
        """Queue another attempt at a job that failed, was cancelled or lost; it goes on in the same folders."""
        return queue.enqueue_again(self._db, job_id)

    def adopt(self) -> tuple[str, ...]:
        """Begin where an earlier life ended: call it once, at start, before anything else writes in the folder.

        Workers that live are taken over, those that nobody knows are ended, and what a kill left half done is swept.
        Returns: the ids of the jobs taken over.
        """
        with self._lock:
            running = jobs.running(self._db)
            sweep(self._db, self._folder)
            self._attempts.end_strangers(frozenset(job.token for job in running))
            return tuple(job.id for job in running if self._attempts.look(job).is_alive)

    def tick(self) -> None:
        """Look at every running job once, then start what may start.   Raises: duckdb.Error, and goes on next time."""
        with self._lock:
            if self._is_closed:
                return
            for job in jobs.running(self._db):
                self._watch(job)
            self._start_waiting()

    def close(self) -> None:
        """Stop looking; the workers go on, and whoever opens this data folder next adopts them."""
        with self._lock:
            self._is_closed = True

    def _watch(self, job: JobRecord) -> None:
        # Seen before reading: what a worker said before it was seen dead is all that it ever said.
        life = self._attempts.look(job)
        files = self._attempts.files(job)
        files.bound_log()
        tail = read_messages(files.messages, job.tailed_bytes, job.token)
        last = next((message for message in tail.messages if message.event["event"] == OUTCOME), None)
        told = [message for message in tail.messages if last is None or message.number < last.number]
        if last is None:
            self._keep(job, told, tail.offset)
            if not life.is_alive and tail.offset == job.tailed_bytes:
                self._end_without_word(job, life)
            elif life.is_alive and job.cancel_requested_at is not None:
                self._attempts.stop(job)
        elif life.is_alive:
            self._keep(job, told, told[-1].end if told else job.tailed_bytes)
            self._bid_farewell(job)
        else:
            self._finish(job, last.event, told, last.end)

    def _bid_farewell(self, job: JobRecord) -> None:
        """A worker that has ended its work must go before its folders are another's; one that stays is ended."""
        since = self._farewells.setdefault(job.token, self._clock())
        if self._clock() - since > FAREWELL_S:
            self._attempts.kill(job)

    def _keep(self, job: JobRecord, told: Iterable[Message], offset: int) -> None:
        """Write what was told and how far it was read, in one transaction: nothing is lost or written twice."""
        if offset == job.tailed_bytes:
            return
        with self._db.write() as tx:
            self._append(tx, job, told)
            jobs.update(tx, job.id, tailed_bytes=offset, **_progress(told))

    def _append(self, tx: Writes, job: JobRecord, told: Iterable[Message]) -> None:
        events = [{"at": message.at.isoformat(), **message.event} for message in told]
        jobs.append_events(tx, job.id, events, attempt=job.attempt, at=now())

    def _end_without_word(self, job: JobRecord, life: Life) -> None:
        if job.cancel_requested_at is not None:
            self._finish(job, failures.CANCELLED.as_event())
        elif life.never_began:
            _log.warning("Job %s was to start when the server ended; it waits again.", job.id)
            self._attempts.forget(job)
            queue.put_back(self._db, job)
        elif life.failure is not None:
            self._finish(job, life.failure.as_event())

    def _finish(
        self,
        job: JobRecord,
        outcome: Mapping[str, Any],
        told: Iterable[Message] = (),
        offset: int | None = None,
    ) -> None:
        """Settle a job, then write that it has ended. A kill between the two settles it once more."""
        ended = _ended(job, outcome)
        failure = self._settle(ended)
        if failure is not None and ended.state == "succeeded":
            # What was made could not be put in its place, so the job did not do what it was asked for.
            ended = _ended(job, failures.explain(failure).as_event())
            self._settle(ended)
        with self._db.write() as tx:
            self._append(tx, job, told)
            event = {"event": "job_ended", "state": ended.state, "message": ended.message}
            jobs.append_events(tx, job.id, [event], attempt=job.attempt, at=now())
            jobs.update(
                tx,
                job.id,
                expect_state=job.state,
                tailed_bytes=job.tailed_bytes if offset is None else offset,
                **{name: getattr(ended, name) for name in _ENDING},
            )
        self._attempts.files(job).empty_temporary()
        self._attempts.forget(job)
        self._farewells.pop(job.token, None)

    def _settle(self, ended: JobRecord) -> Exception | None:
        """Let the kind's own function write what the ending means; return what kept it from that."""
        kind = self._kinds.get(ended.kind)
        if kind is None or not kind.settle:
            return None
        try:
            resolve(kind.settle)(self._db, self._folder, ended)
        except (AimassError, OSError, LookupError, ValueError, TypeError, ImportError) as error:
            _log.exception("Job %s could not be settled.", ended.id)
            return error
        return None

    def _start_waiting(self) -> None:
        running = list(jobs.running(self._db))
        waiting = [job for lane in LANES for job in jobs.queued(self._db, lane)]
        for job in who_may_start(sorted(waiting, key=lambda job: (job.created_at, job.id)), running):
            self._start(job)

    def _start(self, job: JobRecord) -> None:
        begun = replace(job, state="running", token=secrets.token_hex(16), started_at=now())
        with self._db.write() as tx:
            jobs.update(
                tx,
                job.id,
                expect_state="queued",
                state="running",
                token=begun.token,
                started_at=begun.started_at,
            )
        try:
            self._attempts.start(begun, self._kinds[job.kind])
        except (OSError, KeyError) as error:
            _log.exception("Job %s could not be started.", job.id)
            self._finish(begun, failures.explain_refusal(error).as_event())


#: Fields that an ending writes.
_ENDING = ("state", "share", "note", "message", "remedy", "error_class", "result", "finished_at")


def _ended(job: JobRecord, outcome: Mapping[str, Any]) -> JobRecord:
    state = outcome["state"]
    return replace(
        job,
        state=state,
        share=1.0 if state == "succeeded" else job.share,
        note=None,
        message=outcome.get("message"),
        remedy=outcome.get("remedy"),
        error_class=outcome.get("error_class"),
        result=outcome.get("result"),
        finished_at=now(),
    )


def _progress(told: Iterable[Message]) -> dict[str, Any]:
    """The bar and the words beside it, as the last of these messages leave them."""
    shown: dict[str, Any] = {}
    for message in told:
        event = message.event
        if event["event"] == "step_started":
            shown |= {"share": 0.0, "note": event.get("title")}
        if isinstance(event.get("share"), (int, float)):
            shown["share"] = min(1.0, max(0.0, float(event["share"])))
        if isinstance(event.get("note"), str):
            shown["note"] = event["note"]
    return shown
