"""Say why an attempt ended: whose turn it is to act, what happened, and one remedy."""

from __future__ import annotations

import errno
import signal
from dataclasses import dataclass
from typing import Any

import duckdb

from app.jobs.messages import OUTCOME, ErrorClass
from engine.errors import AimassError, NoSpace, ParityFailed, WorkFailed
from engine.words import words

#: The worker could not write its last word because the disk is full (EX_IOERR).
EXIT_NO_SPACE = 74
#: The worker found that it is not wanted any more: a later attempt exists, or an earlier one still lives (EX_TEMPFAIL).
EXIT_NOT_WANTED = 75

AGAIN = words("Start it again; it goes on where it stopped.")
ASK_THE_LOG = words("Look at the job's log and report its last lines.")
MORE_ROOM = words("Free some space, then start it again; it goes on where it stopped.")
MORE_MEMORY = words("Let other work end or raise AIMASS_MEMORY_GIB, then start it again.")


@dataclass(frozen=True, kw_only=True)
class Failure:
    """Why an attempt did not succeed.   state: "failed", "cancelled" or "lost"."""

    state: str
    message: str
    remedy: str = ""
    error_class: ErrorClass | None = None

    def as_event(self) -> dict[str, Any]:
        """Return this as the event that ends an attempt."""
        return {
            "event": OUTCOME,
            "state": self.state,
            "message": str(self.message),
            "remedy": str(self.remedy),
            "error_class": self.error_class,
        }


#: Beside a running job that may hang (RELIABILITY F14, F15); `hung` is what becomes of it.
STILL = words("No sign of life for ten minutes or more; after an hour it is ended.")
CANCELLED = Failure(state="cancelled", message=words("It was cancelled."))


def explain(error: BaseException) -> Failure:
    """Say what an error that ended a handler means; one that nobody foresaw is told without its traceback."""
    if isinstance(error, NoSpace):
        # The engine's own remedy speaks of the command line.
        return full_disk()
    if isinstance(error, AimassError):
        return Failure(
            state="failed", message=error.message, remedy=error.remedy, error_class=_class_of(error)
        )
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return full_disk()
    if isinstance(error, OSError) and error.errno == errno.EFBIG:
        return Failure(
            state="failed",
            message=words("The work wrote a larger file than it may. Expected a table that unpacks to less."),
            remedy=words("Give a smaller file, or the part of it that you need."),
            error_class="RESOURCE",
        )
    if isinstance(error, (MemoryError, duckdb.OutOfMemoryException)):
        return out_of_memory()
    if isinstance(error, duckdb.Error) and "no space left" in str(error).lower():
        return full_disk()
    return Failure(
        state="failed",
        message=words("Something went wrong that nobody foresaw ({kind}).", kind=type(error).__name__),
        remedy=ASK_THE_LOG,
        error_class="BUG",
    )


def full_disk() -> Failure:
    """Return the failure of a disk without room."""
    return Failure(
        state="failed",
        message=words("The disk is full; what was finished is kept."),
        remedy=MORE_ROOM,
        error_class="RESOURCE",
    )


def out_of_memory() -> Failure:
    """Return the failure of too little memory."""
    return Failure(
        state="failed",
        message=words("The work needed more memory than there is."),
        remedy=MORE_MEMORY,
        error_class="RESOURCE",
    )


def explain_end(code: int | None, *, was_short_of_memory: bool) -> Failure:
    """Say why a worker ended without a last word.

    code: its exit code, minus a signal's number, or None where another process collected it.
    """
    if was_short_of_memory and code in (None, -signal.SIGKILL):
        return out_of_memory()
    if code == EXIT_NO_SPACE:
        return full_disk()
    if code == -signal.SIGXCPU:
        return Failure(
            state="failed",
            message=words("The work took more processor time than it may."),
            remedy=words("Give a smaller file, or the part of it that you need."),
            error_class="RESOURCE",
        )
    if code is not None and code < 0:
        name = signal.Signals(-code).name if -code in set(signal.Signals) else str(-code)
        return _lost(words("The worker was ended by the signal {name}.", name=name))
    if code is not None and code not in (0, EXIT_NOT_WANTED):
        return Failure(
            state="failed",
            message=words("The worker ended with code {code} without saying why.", code=code),
            remedy=ASK_THE_LOG,
            error_class="BUG",
        )
    return _lost(words("The worker vanished without a word."))


def never_started() -> Failure:
    """Return the failure of an attempt whose worker was never seen alive."""
    return _lost(words("The worker never began its work."))


def hung() -> Failure:
    """Return the failure of an attempt whose worker lived and did nothing."""
    return _lost(words("The work showed no sign of life for an hour and was ended."))


def folder_gone() -> Failure:
    """Return the failure of an attempt whose folder was removed."""
    return _lost(words("The job's folder is gone, so nobody can tell how far it came."))


def explain_refusal(error: Exception) -> Failure:
    """Return the failure of an attempt whose worker could not be started at all."""
    if isinstance(error, KeyError):
        return Failure(
            state="failed",
            message=words("This version of AI Mass knows no such work."),
            remedy=words("Install the version that the job was made with, then start it again."),
            error_class="BUG",
        )
    if not isinstance(error, OSError):
        return Failure(
            state="failed",
            message=words("The work could not be begun ({kind}).", kind=type(error).__name__),
            remedy=words("Look at the server's log and report what it says of this job."),
            error_class="BUG",
        )
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return full_disk()
    return Failure(
        state="failed",
        message=words(
            "The system refused to start a worker: {reason}.", reason=error.strerror or type(error).__name__
        ),
        remedy=words("Look at the system page for what is short, then start it again."),
        error_class="RESOURCE",
    )


def _lost(message: str) -> Failure:
    return Failure(state="lost", message=message, remedy=AGAIN, error_class="INFRA")


def _class_of(error: AimassError) -> ErrorClass:
    if isinstance(error, ParityFailed):
        return "BUG"
    if isinstance(error, WorkFailed):
        return "RESOURCE"
    return "USER"
