"""Handlers that do as their arguments say; real workers run them."""

from __future__ import annotations

import errno
import os
import signal
import time
from pathlib import Path
from typing import Any

from app.jobs.context import Job
from app.jobs.kinds import JobKind
from engine.errors import BadData, NoSpace


def obey(job: Job) -> dict[str, Any]:
    """Do what the arguments ask for, in this order; return how often this job began."""
    told = job.arguments
    marks = job.folder / "begun"
    with marks.open("a") as file:
        file.write("x")
    for number in range(int(told.get("count", 0))):
        job.emit({"event": "counted", "number": number})
        time.sleep(float(told.get("pause_s", 0.0)))
    if "share" in told:
        job.progress(float(told["share"]), "Half way")
    os.write(1, b"words for the log\n")
    if told.get("torn") and job.attempt == 1:
        with (job.folder / "messages.jsonl").open("a") as file:
            file.write('{"n": 99, "token": "' + "half")
    if "noise_bytes" in told:
        for _ in range(int(told["noise_bytes"]) // 1000):
            os.write(1, b"n" * 999 + b"\n")
    if "raise" in told and (told.get("always") or job.attempt == 1):
        raise _ERRORS[told["raise"]]
    if "signal" in told and (told.get("always") or job.attempt == 1):
        os.kill(os.getpid(), getattr(signal, told["signal"]))
    if "exit" in told:
        os._exit(int(told["exit"]))
    while "wait_for" in told and not Path(told["wait_for"]).exists():
        time.sleep(0.5 if "burn" in told else 0.02)
    while "burn" in told and not Path(told["burn"]).exists():
        sum(range(100_000))
    return {"begun": len(marks.read_text()), "attempt": job.attempt, "cwd": os.getcwd()}


def be_deaf(job: Job) -> None:
    """Hear no SIGTERM, and never end."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    job.emit({"event": "deaf"})
    while True:
        time.sleep(1)


def take_much(job: Job) -> int:
    """Ask for more of something than a bounded worker gets."""
    if job.arguments["what"] == "memory":
        return len(bytearray(200 << 30))
    with (job.temporary / "large").open("wb") as file:
        return file.truncate(100 << 30) or 0


def refuse_to_settle(db: Any, folder: Any, job: Any) -> None:
    """Fail as a settling does that misses something."""
    raise KeyError("nothing to write to")


def tell_manners(job: Job) -> dict[str, int]:
    """Say how this process stands among the others."""
    score = Path("/proc/self/oom_score_adj").read_text(encoding="ascii")
    return {"nice": os.nice(0), "oom_score_adj": int(score)}


_ERRORS: dict[str, Exception] = {
    "user": BadData("The table is empty. Expected rows.", remedy="Give rows."),
    "space": NoSpace("The disk is full.", remedy="Free some."),
    "os": OSError(errno.ENOSPC, "No space left on device"),
    "memory": MemoryError(),
    "bug": ZeroDivisionError("secret detail"),
}

STUB_KINDS = (
    JobKind(name="stub", title="Stub", lane="quick", work="tests.app.jobs.work:obey"),
    JobKind(name="long", title="Long", lane="training", work="tests.app.jobs.work:obey"),
    JobKind(name="deaf", title="Deaf", lane="quick", work="tests.app.jobs.work:be_deaf"),
    JobKind(
        name="unsettled",
        title="Unsettled",
        lane="quick",
        work="tests.app.jobs.work:tell_manners",
        settle="tests.app.jobs.work:refuse_to_settle",
    ),
    JobKind(
        name="greedy",
        title="Greedy",
        lane="data",
        work="tests.app.jobs.work:take_much",
        reads_strangers_files=True,
    ),
)
