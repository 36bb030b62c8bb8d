"""What the plane's requests share, and the work that goes on beside them: polling the folder, writing counters."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from app.inference.body import Budget
from app.inference.counters import CounterBook
from app.inference.keys import Buckets, KeyRing, WrongKeys
from app.inference.memory import give_back
from app.inference.repository import Repository
from app.inference.runner import Runner
from app.settings import Settings
from engine.files import write_bytes

T = TypeVar("T")
POLL_SECONDS = 0.5
STATS_SECONDS = 5.0
#: Pause after work beside the requests has failed.
FAULT_SECONDS = 1.0
STATE_FILE = "state.json"

LOG = logging.getLogger("aimass.inference")


@dataclass
class Plane:
    """The plane of one services folder.

    is_closing: it answers what it has, and takes nothing new.   has_garbage: work took much memory for a moment.
    """

    folder: Path
    settings: Settings
    version: str
    repository: Repository
    keys: KeyRing
    buckets: Buckets
    runner: Runner
    counters: CounterBook
    wrong_keys: WrongKeys = field(default_factory=WrongKeys)
    budget: Budget = field(default_factory=Budget)
    is_closing: bool = False
    has_garbage: bool = False
    _states: dict[str, dict[str, str | None]] = field(default_factory=dict)

    @classmethod
    def of(cls, folder: Path, settings: Settings, version: str) -> Plane:
        """Return the plane of a services folder; nothing is read yet."""
        return cls(
            folder=folder,
            settings=settings,
            version=version,
            repository=Repository(folder, LOG.warning),
            keys=KeyRing(folder),
            buckets=Buckets(settings.request_rate, settings.request_burst),
            runner=Runner(max(2, min(settings.threads, 8))),
            counters=CounterBook(folder),
        )

    async def in_thread(self, work: Callable[[], T]) -> T:
        """Return `work()`, done beside the event loop and beside the answers."""
        return await asyncio.get_running_loop().run_in_executor(None, work)

    async def keep(self, work: Callable[[], Awaitable[None]]) -> None:
        """Do endless `work`, and begin it anew when it fails: a fault in it must not leave the plane blind."""
        while True:
            task = asyncio.ensure_future(work())
            try:
                await asyncio.wait({task})
            finally:
                task.cancel()
            LOG.error("the plane's own work failed and begins anew", exc_info=task.exception())
            await asyncio.sleep(FAULT_SECONDS)

    async def poll(self) -> None:
        """Follow the folder for ever."""
        while True:
            await self.in_thread(self.refresh)
            await asyncio.sleep(POLL_SECONDS)

    async def follow_keys(self) -> None:
        """Follow the keys for ever: by themselves, since one that was revoked must not wait for a model to load."""
        while True:
            await self.in_thread(self.keys.refresh)
            await asyncio.sleep(POLL_SECONDS)

    def refresh(self) -> None:
        """Read keys and services again where they changed."""
        self.keys.refresh()
        self.repository.refresh()
        self.counters.forget_all_but(set(self.repository.entries))
        self._write_states()

    def _write_states(self) -> None:
        """Tell the portal which version answers in each service, and why it is not the live one."""
        for name, entry in list(self.repository.entries.items()):
            answering = entry.loaded.version if entry.loaded is not None else None
            problem = entry.reason if entry.is_wanted else ""
            state = {"live": entry.wish.live, "answering": answering, "problem": problem}
            if self._states.get(name) != state:
                with contextlib.suppress(
                    OSError
                ):  # gone in between, or a full disk: the next round tries again
                    write_bytes(self.folder / name / STATE_FILE, json.dumps(state).encode())
                    self._states[name] = state

    async def write_counters(self) -> None:
        """Write the counters' files for ever, and give back what memory pictures took since."""
        while True:
            await asyncio.sleep(STATS_SECONDS)
            await self.in_thread(self.counters.write)
            if self.has_garbage:
                self.has_garbage = False
                await self.in_thread(give_back)


def describe_process(version: str, host: str, port: int, started_at: str) -> bytes:
    """Return what `services/.plane.json` says of this process, so that a portal can adopt it."""
    facts = {"pid": os.getpid(), "host": host, "port": port, "version": version, "started_at": started_at}
    return json.dumps(facts, indent=1).encode()
