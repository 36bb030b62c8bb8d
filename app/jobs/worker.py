"""One attempt at one job: `python -m app.jobs.worker JOB_FOLDER`, started by the supervisor and by nobody else."""

from __future__ import annotations

import faulthandler
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FrameType
from typing import Any

from app.jobs import failures
from app.jobs.context import Job
from app.jobs.kinds import resolve
from app.jobs.messages import OUTCOME, MessageWriter
from app.jobs.process import (
    TOKEN_VARIABLE,
    TRACE_SIGNAL,
    Bounds,
    Identity,
    LifeLock,
    bound_myself,
    identify,
    yield_to_others,
)
from app.jobs.workplace import JobFiles
from app.settings import GIB, Settings
from engine.files import read_json
from store.folder import DataFolder

#: How long to wait for an earlier attempt's worker to be gone.
LOCK_PATIENCE_S = 10.0
#: How long to wait for room on a full disk to say how it ended.
LAST_WORD_PATIENCE_S = 20.0


class Cancelled(BaseException):
    """The worker was asked to stop; no handler catches this by accident."""


def main(arguments: list[str] | None = None) -> int:
    """Work on the job in the given folder and return the exit code; how it ended stands in the messages."""
    files = JobFiles(Path((sys.argv[1:] if arguments is None else arguments)[0]))
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    faulthandler.enable()
    faulthandler.register(TRACE_SIGNAL)
    token = os.environ.get(TOKEN_VARIABLE, "")
    try:
        myself = identify(os.getpid(), token=token)
        if myself is None or not _take_lock(files, myself):
            return failures.EXIT_NOT_WANTED
        told = read_json(files.order)
        if told["token"] != token:
            return failures.EXIT_NOT_WANTED
        emit = MessageWriter(files.messages, token)
    except Cancelled:
        return failures.EXIT_NOT_WANTED
    return _work(told, files, emit)


def _work(told: Mapping[str, Any], files: JobFiles, emit: MessageWriter) -> int:
    try:
        emit({"event": "worker_started", "pid": os.getpid(), "attempt": told["attempt"]})
        outcome = _attempt(told, files, emit)
        # From here on the work has ended: a late request to stop must not take away its last word.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    except Cancelled:
        outcome = failures.CANCELLED.as_event()
    emit(outcome)
    return 0 if emit.flush(patience_s=LAST_WORD_PATIENCE_S) else failures.EXIT_NO_SPACE


def _attempt(told: Mapping[str, Any], files: JobFiles, emit: MessageWriter) -> dict[str, Any]:
    """Run the handler and return the event that ends the attempt."""
    try:
        yield_to_others()
        settings = Settings(**told["settings"])
        if told["is_bounded"]:
            bound_myself(_bounds(settings, int(told["input_bytes"])))
        work: Callable[[Job], Any] = resolve(str(told["work"]))
        result = work(_job(told, files, settings, emit))
    except Exception as error:  # noqa: BLE001 - the worker's boundary: whatever it was is told, and logged
        _log_trace()
        return failures.explain(error).as_event()
    return {"event": OUTCOME, "state": "succeeded", "result": result}


def _job(told: Mapping[str, Any], files: JobFiles, settings: Settings, emit: MessageWriter) -> Job:
    return Job(
        id=str(told["id"]),
        kind=str(told["kind"]),
        subject=str(told["subject"]),
        attempt=int(told["attempt"]),
        arguments=told["arguments"],
        folder=files.folder,
        data=DataFolder(Path(told["data_folder"])),
        settings=settings,
        emit=emit,
    )


def _bounds(settings: Settings, input_bytes: int) -> Bounds:
    """Generous for honest files, which are read in a small part of this, and an end for the others.

    Libraries reserve far more addresses than memory: a stack and an arena for each thread.
    """
    return Bounds(
        memory_bytes=8 * GIB + 4 * settings.memory_bytes + settings.threads * (GIB // 4),
        cpu_s=1800 + input_bytes // 200_000,
        file_bytes=16 * GIB + 8 * input_bytes,
    )


def _take_lock(files: JobFiles, myself: Identity) -> bool:
    try:
        lock = LifeLock(files.lock)
    except OSError:
        return False
    deadline = time.monotonic() + LOCK_PATIENCE_S
    while not lock.take():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    # The descriptor stays open for as long as this process lives: that is the sign of life.
    lock.sign(myself)
    return True


def _stop(number: int, frame: FrameType | None) -> None:
    # Once is enough: a second one must not disturb the saying of the first.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise Cancelled


def _log_trace() -> None:
    try:
        traceback.print_exc()
        sys.stderr.flush()
    except OSError:
        # No room for the log: what is told to the person does not depend on it.
        sys.stderr = None


if __name__ == "__main__":
    raise SystemExit(main())
