"""The worker processes of running jobs: start one, see whether it lives, end it. What is seen counts, not the row."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import app
from app.jobs import failures, process
from app.jobs.failures import Failure
from app.jobs.kinds import JobKind
from app.jobs.process import DATA_VARIABLE, TOKEN_VARIABLE, TRACE_SIGNAL, Identity
from app.jobs.workplace import JobFiles
from app.settings import Settings
from engine.files import write_json
from store.folder import PRIVATE_FOLDER, DataFolder, lock_is_held
from store.jobs import JobRecord

#: A worker must have taken its lock by then; on a busy machine Python alone may need seconds.
STARTUP_S = 60.0
#: Nothing seen for so long means gone; a process between fork and exec shows neither lock nor token.
GONE_S = 1.0
#: After SIGTERM; then SIGKILL. Native code lets a signal wait.
STOP_S = 10.0
#: How often a worker that says nothing is asked for the processor time it has used …
STILL_EVERY_S = 30.0
#: … and which share of one processor is work; libraries that only wait use less.
WORKING_SHARE = 0.01
#: Between asking a hung worker where it stands and ending it.
TRACE_S = 2.0


@dataclass(frozen=True, kw_only=True)
class Life:
    """What was seen of a worker.

    failure: why it ended, should it have left no last word; None while it lives.
    never_began: no worker of this attempt has ever been seen, and this process did not start one.
    """

    failure: Failure | None = None
    never_began: bool = False

    @property
    def is_alive(self) -> bool:
        return self.failure is None


ALIVE = Life()


@dataclass
class _Memory:
    """What this process remembers of one attempt, all times monotonic."""

    since: float
    memory_kills: int
    child: int | None = None
    worker: Identity | None = None
    code: int | None = None
    missing_since: float | None = None
    told_to_stop: float | None = None
    given_up: bool = False
    still_since: float | None = None
    busy_s: float | None = None
    busy_at: float = 0.0
    told_to_trace: float | None = None


class Attempts:
    """Every attempt that runs now, by its token. A restart forgets all of it and finds the workers by their locks."""

    def __init__(
        self,
        folder: DataFolder,
        settings: Settings,
        *,
        startup_s: float = STARTUP_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._folder = folder
        self._settings = settings
        self._startup_s = startup_s
        self._clock = clock
        self._memories: dict[str, _Memory] = {}

    def start(self, job: JobRecord, kind: JobKind) -> None:
        """Start the worker of a job whose row says already that it runs.   Raises: OSError."""
        files = self.files(job)
        files.folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
        files.temporary.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
        order = {
            "id": job.id,
            "kind": job.kind,
            "work": kind.work,
            "is_bounded": kind.reads_strangers_files,
            "subject": job.subject,
            "attempt": job.attempt,
            "token": job.token,
            "arguments": job.arguments,
            "input_bytes": int(job.arguments.get("input_bytes", 0)),
            "data_folder": str(self._folder.root.resolve()),
            "settings": asdict(self._settings),
        }
        write_json(files.order, order)
        self._memory(job).child = process.start(
            # -P: no file in the folder it works in is ever imported.
            (sys.executable, "-P", "-m", "app.jobs.worker", str(files.folder.resolve())),
            log=files.log,
            environment=self._environment(job, files),
            folder=files.folder,
        )

    def look(self, job: JobRecord) -> Life:
        """Say whether the job's worker lives, from its lock and from the system's processes."""
        files, memory = self.files(job), self._memory(job)
        self._collect(memory)
        if not files.folder.is_dir() and (memory.child or memory.worker):
            self._end(memory, signal.SIGKILL)
            return ALIVE if self._process(memory) else Life(failure=failures.folder_gone())
        signed = process.read_holder(files.lock)
        if signed is not None and signed.token == job.token:
            memory.worker = signed
            if lock_is_held(files.lock):
                memory.missing_since = None
                return ALIVE
        elif signed is not None:
            # Should a worker of an earlier attempt live after all: two must never work in one folder.
            process.end(signed, signal.SIGKILL)
        if memory.code is not None:
            return Life(failure=self._failure(memory))
        return self._look_for_process(job, memory)

    def stop(self, job: JobRecord) -> None:
        """Ask the job's worker to end, and make it when it does not within a few seconds."""
        memory = self._memory(job)
        if memory.told_to_stop is None:
            memory.told_to_stop = self._clock()
            self._end(memory, signal.SIGTERM)
        elif self._clock() - memory.told_to_stop > STOP_S:
            self._end(memory, signal.SIGKILL)

    def stillness(self, job: JobRecord, *, has_spoken: bool) -> float:
        """Return for how many seconds a job's worker has neither spoken nor worked, as far as this process has seen.

        has_spoken: since the last look.
        """
        memory, moment = self._memory(job), self._clock()
        if has_spoken or memory.still_since is None:
            memory.still_since, memory.busy_s, memory.busy_at = moment, None, moment
            memory.told_to_trace = None
        elif moment - memory.busy_at >= STILL_EVERY_S and memory.worker is not None:
            used = process.busy_s(memory.worker)
            if memory.busy_s is not None and used - memory.busy_s > WORKING_SHARE * (moment - memory.busy_at):
                memory.still_since = moment
            memory.busy_s, memory.busy_at = used, moment
        return moment - memory.still_since

    def end_hung(self, job: JobRecord) -> None:
        """Let the worker write into its log where each of its threads stands, and end it a moment later."""
        memory = self._memory(job)
        if memory.told_to_trace is None:
            memory.told_to_trace = self._clock()
            self._end(memory, TRACE_SIGNAL)
        elif self._clock() - memory.told_to_trace > TRACE_S:
            self._end(memory, signal.SIGKILL)

    def kill(self, job: JobRecord) -> None:
        """End the job's worker at once."""
        self._end(self._memory(job), signal.SIGKILL)

    def forget(self, job: JobRecord) -> None:
        """Drop what is remembered of an attempt that has ended."""
        self._memories.pop(job.token, None)

    def end_strangers(self, tokens: frozenset[str]) -> int:
        """End the workers of this data folder that belong to no running attempt; return how many (RELIABILITY F16)."""
        strangers = [worker for worker in process.workers_of(self._folder.root) if worker.token not in tokens]
        return sum(process.end(worker, signal.SIGKILL) for worker in strangers)

    def files(self, job: JobRecord) -> JobFiles:
        """Return the places of a job."""
        return JobFiles(self._folder.job(job.id))

    def _look_for_process(self, job: JobRecord, memory: _Memory) -> Life:
        """No lock is held: it has not begun, or is gone."""
        worker = self._process(memory) or process.find_by_token(job.token)
        if worker is not None:
            memory.worker, memory.missing_since = worker, None
            if self._clock() - memory.since > self._startup_s:
                memory.given_up = process.end(worker, signal.SIGKILL)
            return ALIVE
        if memory.missing_since is None:
            memory.missing_since = self._clock()
        if self._clock() - memory.missing_since < GONE_S:
            return ALIVE
        never_began = memory.worker is None and memory.child is None
        return Life(failure=self._failure(memory), never_began=never_began)

    def _failure(self, memory: _Memory) -> Failure:
        if memory.told_to_trace is not None:
            return failures.hung()
        if memory.given_up or (memory.worker is None and memory.code is None):
            return failures.never_started()
        is_short = process.out_of_memory_kills() > memory.memory_kills
        return failures.explain_end(memory.code, was_short_of_memory=is_short)

    def _process(self, memory: _Memory) -> Identity | None:
        """The attempt's process as far as it is known and lives."""
        if memory.worker is not None:
            return memory.worker if process.is_running(memory.worker) else None
        return process.identify(memory.child) if memory.child is not None else None

    def _collect(self, memory: _Memory) -> None:
        """Take the exit code of a child; after a restart in place the children are still ours."""
        if memory.code is None and memory.child is not None:
            memory.code = process.collect(memory.child)
        elif memory.code is None and memory.worker is not None:
            memory.code = process.collect_known(memory.worker)

    def _end(self, memory: _Memory, number: signal.Signals) -> None:
        worker = self._process(memory)
        if worker is not None:
            process.end(worker, number)

    def _memory(self, job: JobRecord) -> _Memory:
        if job.token not in self._memories:
            self._memories[job.token] = _Memory(
                since=self._clock(), memory_kills=process.out_of_memory_kills()
            )
        return self._memories[job.token]

    def _environment(self, job: JobRecord, files: JobFiles) -> dict[str, str]:
        root = str(Path(app.__file__).resolve().parents[1])
        paths = [root, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
        return {
            **os.environ,
            TOKEN_VARIABLE: job.token,
            DATA_VARIABLE: str(self._folder.root.resolve()),
            "PYTHONPATH": os.pathsep.join(dict.fromkeys(paths)),
            "PYTHONUNBUFFERED": "1",
            "TMPDIR": str(files.temporary.resolve()),
        }
