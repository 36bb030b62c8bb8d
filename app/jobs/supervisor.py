"""The supervisor of all jobs: starts what may start, reads what workers say, and settles what has ended."""

from __future__ import annotations

import logging
import shutil
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from app.jobs import failures, queue
from app.jobs.attempts import STARTUP_S, Attempts, Life
from app.jobs.kinds import KINDS, JobKind
from app.jobs.leases import who_may_start
from app.jobs.ledger import Ledger
from app.jobs.messages import OUTCOME, Message, read_messages
from app.jobs.queue import Request
from app.jobs.sweep import sweep
from app.settings import Settings
from engine.words import words
from store import jobs
from store.database import Database
from store.folder import DataFolder
from store.jobs import JobRecord
from store.table import Writes

#: Room that is left for what runs already and for the database.
RESERVE_BYTES = 512 << 20
#: A worker that has said its last word gets so long to go; then it is ended.
FAREWELL_S = 5.0
#: A worker that neither speaks nor works for so long is remarked upon; after the second, it is ended.
STILL_S, HUNG_S = 600.0, 3600.0
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
        reserve_bytes: int = RESERVE_BYTES,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """kinds: the work it knows.   startup_s: a worker that shows no sign of life by then is given up.

        reserve_bytes: while the disk has less room, nothing new is started (RELIABILITY R8).
        """
        self._kinds = {kind.name: kind for kind in kinds}
        self._db = db
        self._folder = folder
        self._ledger = Ledger(db, folder, self._kinds)
        self._attempts = Attempts(folder, settings, startup_s=startup_s, clock=clock)
        self._reserve_bytes = reserve_bytes
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

    def retry(
        self, job_id: str, together: Callable[[Writes, JobRecord], None] | None = None
    ) -> JobRecord | None:
        """Queue another attempt at a job that failed, was cancelled or lost; it goes on in the same folders.

        together: called with the job as it was, in the same transaction.
        """
        return queue.enqueue_again(self._db, job_id, together)

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
        """Look at every running job once, then start what may start.

        Raises: the last trouble that looking at one of them met, as a full disk; the next tick tries again.
        """
        with self._lock:
            if self._is_closed:
                return
            trouble: Exception | None = None
            unfinished = jobs.unfinished(self._db)
            for job in (job for job in unfinished if job.state == "running"):
                try:
                    self._watch(job)
                except Exception as error:  # noqa: BLE001 - one job's trouble must not keep others from being watched
                    _log.exception("Job %s could not be looked at.", job.id)
                    trouble = error
            self._start([job for job in unfinished if job.state == "queued"])
            if trouble is not None:
                raise trouble

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
            self._ledger.keep(job, told, tail.offset)
            if not life.is_alive and tail.offset == job.tailed_bytes:
                self._end_without_word(job, life)
            elif life.is_alive and job.cancel_requested_at is not None:
                self._attempts.stop(job)
            elif life.is_alive:
                self._watch_stillness(job, has_spoken=bool(told))
        elif life.is_alive:
            self._ledger.keep(job, told, told[-1].end if told else job.tailed_bytes)
            self._bid_farewell(job)
        else:
            self._finish(job, last.event, told, last.end)

    def _watch_stillness(self, job: JobRecord, *, has_spoken: bool) -> None:
        """A worker may live and hang: on a lock of its own, or on a disk that never answers (RELIABILITY F14, F15)."""
        still_s = self._attempts.stillness(job, has_spoken=has_spoken)
        if still_s > HUNG_S:
            _log.error("Job %s has shown no sign of life for %.0f s; it is ended.", job.id, still_s)
            self._attempts.end_hung(job)
        elif still_s > STILL_S:
            self._ledger.remark(job, failures.STILL)
        elif job.note == failures.STILL and not has_spoken:
            self._ledger.remark(job, None)

    def _bid_farewell(self, job: JobRecord) -> None:
        """A worker that has ended its work must go before its folders are another's; one that stays is ended."""
        since = self._farewells.setdefault(job.token, self._clock())
        if self._clock() - since > FAREWELL_S:
            self._attempts.kill(job)

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
        told: Sequence[Message] = (),
        offset: int | None = None,
    ) -> None:
        self._ledger.end(job, outcome, told, job.tailed_bytes if offset is None else offset)
        self._attempts.files(job).empty_temporary()
        self._attempts.forget(job)
        self._farewells.pop(job.token, None)

    def _start(self, waiting: Sequence[JobRecord]) -> None:
        """Start those that may; the machine and its disk may have no place for the others yet."""
        starting = who_may_start(waiting, jobs.running(self._db)) if waiting else ()
        has_room = not starting or shutil.disk_usage(self._folder.root).free >= self._reserve_bytes
        for job in starting:
            if has_room:
                self._start_one(job)
            else:
                self._ledger.remark(job, words("Waits for room on the disk."))

    def _start_one(self, job: JobRecord) -> None:
        begun = self._ledger.begin(job)
        try:
            self._attempts.start(begun, self._kinds[job.kind])
        except Exception as error:  # noqa: BLE001 - whatever it is: left as it stands, the job would be begun for ever
            _log.exception("Job %s could not be started.", job.id)
            self._ledger.end(begun, failures.explain_refusal(error).as_event(), (), begun.tailed_bytes)
            self._attempts.forget(begun)
