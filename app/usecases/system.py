"""The machine and the box on it: devices, disk, memory, versions, ports, and who is here."""

from __future__ import annotations

import os
import platform
import shutil
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from app.settings import GIB, Settings
from app.usecases.doctor import Check, examine
from app.usecases.person import Person
from app.wiring import Appliance
from store import users

GRAPHICS = "graphics cards"
_PLANE_TIMEOUT_S = 1.0
_CHECKS_LAST_S = 60.0
LOW_DISK_BYTES = 10 * GIB
LOW_MEMORY_SHARE = 0.1


@dataclass(frozen=True, kw_only=True)
class Presence:
    """One signed-in session.   seen_at: last time it was used, UTC."""

    name: str
    display: str
    role: str
    address: str
    agent: str
    seen_at: datetime


@dataclass(frozen=True, kw_only=True)
class SystemView:
    """The machine now.   …_bytes: None where this system does not tell.   load: mean of 1 minute, in processors.

    own_bytes: memory of this process.   checks: of `aimass doctor`, at most a minute old.
    plane: whether the inference plane answers.   present: sessions, newest first; only administrators see others'.
    keep_…: how long what expires is kept.
    """

    version: str
    python: str
    system: str
    processor: str
    threads: int
    load: float
    memory_bytes: int | None
    memory_free_bytes: int | None
    own_bytes: int | None
    disk_bytes: int
    disk_free_bytes: int
    database_bytes: int
    folder: Path
    started_at: datetime
    address: str
    port: int
    inference_port: int
    plane: Literal["answers", "silent"]
    checks: tuple[Check, ...]
    present: tuple[Presence, ...]
    keep_answers_days: float
    keep_jobs_days: float
    keep_audit_days: float


def system_view(box: Appliance, who: Person) -> SystemView:
    """Return the machine now. Reads files of /proc and asks the inference plane's port; heavy libraries stay out.

    who: the caller; only administrators see who else is signed in.
    """
    memory = _meminfo()
    disk = shutil.disk_usage(box.folder.root)
    database = box.folder.root / "aimass.duckdb"
    return SystemView(
        version=box.version,
        python=platform.python_version(),
        system=platform.platform(),
        processor=_processor(),
        threads=len(os.sched_getaffinity(0)),
        load=os.getloadavg()[0],
        memory_bytes=memory.get("MemTotal"),
        memory_free_bytes=memory.get("MemAvailable"),
        own_bytes=_own_memory(),
        disk_bytes=disk.total,
        disk_free_bytes=disk.free,
        database_bytes=database.stat().st_size if database.exists() else 0,
        folder=box.folder.root,
        started_at=box.started_at,
        address=box.serve.address,
        port=box.serve.port,
        inference_port=box.serve.inference_port,
        plane="answers" if _plane_answers(box.serve.inference_port) else "silent",
        checks=_CHECKS.of(box.folder.root, box.settings),
        present=_present(box, who),
        keep_answers_days=box.serve.keep_answers_days,
        keep_jobs_days=box.serve.keep_jobs_days,
        keep_audit_days=box.serve.keep_audit_days,
    )


def _present(box: Appliance, who: Person) -> tuple[Presence, ...]:
    now = box.clock.now()
    people = [user for user in users.list(box.db) if who.role == "admin" or user.id == who.id]
    found = [
        Presence(
            name=user.name,
            display=user.display,
            role=user.role,
            address=session.address,
            agent=session.agent,
            seen_at=session.seen_at,
        )
        for user in people
        for session in users.sessions(box.db, user.id)
        if session.expires_at > now
    ]
    return tuple(sorted(found, key=lambda presence: presence.seen_at, reverse=True))


def _plane_answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/v2/health/live", timeout=_PLANE_TIMEOUT_S):
            return True
    except (urllib.error.URLError, OSError):
        return False


def _meminfo() -> dict[str, int]:
    """Return /proc/meminfo in bytes, {} where there is none."""
    path = Path("/proc/meminfo")
    if not path.exists():
        return {}
    lines = (line.split() for line in path.read_text().splitlines())
    return {words[0].rstrip(":"): int(words[1]) * 1024 for words in lines if len(words) == 3}


def _own_memory() -> int | None:
    path = Path("/proc/self/statm")
    return int(path.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") if path.exists() else None


def _processor() -> str:
    path = Path("/proc/cpuinfo")
    lines = path.read_text().splitlines() if path.exists() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


class _Checks:
    """The doctor's checks, kept for a minute: they start programs, and every open page would start them again."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._until = 0.0
        self._folder: Path | None = None
        self._held: tuple[Check, ...] = ()

    def of(self, folder: Path, settings: Settings) -> tuple[Check, ...]:
        with self._lock:
            if time.monotonic() > self._until or folder != self._folder:
                self._held = examine(folder, settings)
                self._folder, self._until = folder, time.monotonic() + _CHECKS_LAST_S
            return self._held


_CHECKS = _Checks()
