"""The open websockets, by session: a session that ends takes its sockets along."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool

from app.usecases.person import Person

log = logging.getLogger(__name__)

#: Our own close code: the page reloads and lands where its session now belongs (assets/guard.js).
SESSION_ENDED = 4401
MOST_PER_PERSON = 100
_SWEEP_SECONDS = 1.0


@dataclass(frozen=True)
class Login:
    """One session as its sockets know it: `st.user` is fixed when a tab connects, so a changed person is another."""

    token: str
    who: Person


class LiveSockets:
    """Every open socket with the login it was opened for. Used on the event loop only."""

    def __init__(self) -> None:
        self._closers: dict[Login, set[Callable[[], Awaitable[None]]]] = defaultdict(set)

    def is_full(self, who: Person) -> bool:
        """Tell whether a person has as many sockets as anyone may have."""
        return (
            sum(len(closers) for login, closers in self._closers.items() if login.who.id == who.id)
            >= MOST_PER_PERSON
        )

    def add(self, login: Login, close: Callable[[], Awaitable[None]]) -> None:
        """Remember a socket by what closes it."""
        self._closers[login].add(close)

    def remove(self, login: Login, close: Callable[[], Awaitable[None]]) -> None:
        """Forget a socket that is closed."""
        closers = self._closers.get(login, set())
        closers.discard(close)
        if not closers:
            self._closers.pop(login, None)

    async def close(self, token: str) -> None:
        """Close every socket of a session."""
        await self._close(login for login in list(self._closers) if login.token == token)

    async def sweep(self, person_of: Callable[[str], Person | None]) -> None:
        """Close the sockets whose session has ended or whose person is another one now."""
        logins = list(self._closers)
        people = await run_in_threadpool(lambda: [person_of(login.token) for login in logins])
        await self._close(login for login, who in zip(logins, people, strict=True) if who != login.who)

    async def keep_sweeping(self, person_of: Callable[[str], Person | None]) -> None:
        """Sweep every second until cancelled; a failing look-up is logged and does not end it."""
        while True:
            await asyncio.sleep(_SWEEP_SECONDS)
            try:
                await self.sweep(person_of)
            except Exception:
                log.exception("The sockets could not be swept.")

    async def _close(self, logins: Iterable[Login]) -> None:
        for login in list(logins):
            for close in list(self._closers.pop(login, ())):
                try:
                    await close()
                except (RuntimeError, OSError):
                    log.debug("A socket was gone already.")
