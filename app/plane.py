"""Keep the inference plane alive beside the portal: start it, take over a living one, watch it, stop it.

It is a process of its own (DESIGN law 3): models go on answering while the portal restarts or is gone.
"""

from __future__ import annotations

import http.client
import json
import logging
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.jobs.process import Identity, collect, end, identify, is_running, start
from app.ports import listen
from store.folder import DataFolder, lock_is_held

log = logging.getLogger(__name__)

_PROGRAM = "app.inference"
_WATCH_SECONDS = 0.5
_ASK_EVERY_SECONDS = 2.0
_ANSWER_SECONDS = 2.0
#: A plane that lives but does not answer for so long is ended and started anew; loading a large model takes seconds.
_SILENCE_SECONDS = 30.0
_STOP_SECONDS = 7.0
_CARD_SECONDS = 5.0
#: Pauses between starts of a plane that dies at once; the first restart is immediate.
_PAUSES = (0.0, 1.0, 2.0, 5.0, 15.0, 30.0)
_STEADY_SECONDS = 60.0


@dataclass(frozen=True, kw_only=True)
class PlaneAddress:
    """Where the inference plane listens.   version: the AI Mass it must belong to."""

    host: str
    port: int
    version: str

    @property
    def loopback(self) -> str:
        """The host to reach it from this machine."""
        return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)

    @property
    def card(self) -> tuple[str, str, int]:
        """What the card of a plane of this version at this address says: version, host as a number, port."""
        try:
            host = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)[0][4][0]
        except OSError:
            host = self.host
        return self.version, str(host), self.port


class Plane:
    """The inference plane of one data folder, as the control process sees it."""

    def __init__(
        self,
        folder: DataFolder,
        address: PlaneAddress,
        *,
        on_change: Callable[[bool], None] = lambda up: None,
    ) -> None:
        """on_change: called with whether the plane answers, from the watching thread."""
        self._folder = folder
        self._address = address
        self._on_change = on_change
        self._identity: Identity | None = None
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._starts = 0
        self._started_at = 0.0

    @property
    def pid(self) -> int | None:
        """The process id of the plane, None while there is none."""
        return self._identity.pid if self._identity else None

    def open(self) -> None:
        """Take over the living plane if it is of this version and address, else start one; then watch it.

        Raises: BadCommand when its port is taken.
        """
        self._identity = self._adopt()
        if self._identity is None:
            listen(self._address.host, self._address.port).close()
            self._start()
        self._thread = threading.Thread(target=self._watch, name="plane", daemon=True)
        self._thread.start()

    def close(self, *, leave: bool) -> None:
        """Stop watching.   leave: let the plane live, as when only the portal restarts."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(timeout=_ANSWER_SECONDS + 2 * _WATCH_SECONDS)
        if not leave and self._identity is not None:
            _stop(self._identity)

    def answers(self) -> bool:
        """Tell whether the plane says it lives. Blocks for at most two seconds."""
        connection = http.client.HTTPConnection(
            self._address.loopback, self._address.port, timeout=_ANSWER_SECONDS
        )
        try:
            connection.request("GET", "/v2/health/live")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    @property
    def _card(self) -> Path:
        return self._folder.services / ".plane.json"

    @property
    def _lock(self) -> Path:
        return self._folder.services / ".lock"

    def _adopt(self) -> Identity | None:
        """Return the living plane if it may stay; end one of another version or address."""
        if not lock_is_held(self._lock):
            return None
        card = self._card_of_holder()
        identity = _identity_on(card)
        if identity is None:
            log.error("Another inference plane holds the services; it does not say which process it is.")
            return None
        if (card.get("version"), card.get("host"), card.get("port")) == self._address.card:
            log.info("The inference plane (process %s) was alive and is kept.", identity.pid)
            return identity
        log.info(
            "The inference plane (process %s) is of another version or address and is ended.", identity.pid
        )
        _stop(identity)
        return None

    def _card_of_holder(self) -> dict[str, Any]:
        """Return what the plane says of itself; one that has just started says it once it listens."""
        deadline = time.monotonic() + _CARD_SECONDS
        while _identity_on(card := _read_card(self._card)) is None and time.monotonic() < deadline:
            time.sleep(0.05)
        return card

    def _start(self) -> None:
        address = self._address
        argv = [sys.executable, "-P", "-m", _PROGRAM, str(self._folder.root)]
        argv += ["--host", address.host, "--port", str(address.port)]
        pid = start(
            argv,
            log=self._folder.logs / "inference.log",
            environment=os.environ,
            folder=self._folder.root,
        )
        self._starts += 1
        self._started_at = time.monotonic()
        self._identity = identify(pid)
        log.info("The inference plane was started (process %s).", pid)

    def _watch(self) -> None:
        answered_at = asked_at = time.monotonic()
        is_up = False
        while not self._stopping.wait(_WATCH_SECONDS):
            now = time.monotonic()
            if self._identity is None or not self._lives(self._identity):
                is_up = False
                self._on_change(is_up)
                self._start_again()
                answered_at = time.monotonic()
            elif not is_up or now - asked_at >= _ASK_EVERY_SECONDS:
                asked_at = now
                is_up = self.answers()
                self._on_change(is_up)
                if is_up:
                    answered_at = time.monotonic()
                elif now - answered_at > _SILENCE_SECONDS:
                    log.error(
                        "The inference plane has not answered for %.0f s; it is ended.", now - answered_at
                    )
                    end(self._identity, signal.SIGKILL)

    def _start_again(self) -> None:
        """Start a plane that died: at once, then with growing pauses while it keeps dying."""
        if time.monotonic() - self._started_at > _STEADY_SECONDS:
            self._starts = 0
        pause = _PAUSES[min(max(self._starts - 1, 0), len(_PAUSES) - 1)]
        log.error("The inference plane is gone; it is started again in %.0f s.", pause)
        if not self._stopping.wait(pause):
            try:
                self._start()
            except OSError:
                log.exception("The inference plane could not be started.")

    def _lives(self, identity: Identity) -> bool:
        collect(identity.pid)
        return is_running(identity)


def _stop(identity: Identity) -> None:
    end(identity, signal.SIGTERM)
    deadline = time.monotonic() + _STOP_SECONDS
    while time.monotonic() < deadline:
        collect(identity.pid)
        if not is_running(identity):
            return
        time.sleep(0.05)
    end(identity, signal.SIGKILL)
    collect(identity.pid)


def _read_card(path: Path) -> dict[str, Any]:
    try:
        card = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return card if isinstance(card, dict) else {}


def _identity_on(card: dict[str, Any]) -> Identity | None:
    """Return the living plane that a card names.

    The lock is held, and only its holder writes the card; but one that was killed left its own, and until the next
    has written another, its number may be that of somebody else's process.
    """
    pid = card.get("pid")
    identity = identify(pid) if isinstance(pid, int) else None
    if identity is None:
        return None
    try:
        words = Path(f"/proc/{identity.pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return None
    return identity if _PROGRAM.encode() in words else None
