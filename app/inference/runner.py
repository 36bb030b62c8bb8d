"""Compute answers in a few threads, with a deadline for each and a bound on how many may wait."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from app.inference.refused import Refused
from engine.serving.session import Stop

T = TypeVar("T")
#: Requests in work or waiting for a thread; the next is refused at once, which is kinder than a late answer.
MOST_WAITING = 128
#: Larger bodies become many times their size in memory while they are read: one at a time.
LARGE_BYTES = 4 << 20
#: Most answers come sooner; only then does it pay to look whether the client is still there.
_PATIENCE = 0.05


class Runner:
    """Threads that work on requests.   threads: how many answers are computed at once."""

    def __init__(self, threads: int) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="answer")
        self._large = asyncio.Semaphore(1)
        self._waiting = 0
        self._running: set[Stop] = set()

    @property
    def in_work(self) -> int:
        """How many requests are computed or wait for it."""
        return self._waiting

    async def run(
        self,
        work: Callable[[Stop], T],
        *,
        deadline_s: float,
        size: int = 0,
        gone: Callable[[], Awaitable[object]] | None = None,
    ) -> T:
        """Return `work(stop)`, computed in a thread; `stop` is asked when it must end early.

        Args:   size: bytes of the request's body.   gone: returns when the client has left.
        Raises: Refused: 503 when too many wait, 504 at the deadline, 499 when the client has left; what `work` raises.
        """
        if self._waiting >= MOST_WAITING:
            raise Refused(
                "Too many requests wait for an answer.",
                status=503,
                code="overloaded",
                remedy="Try again in a second.",
                headers={"Retry-After": "1"},
            )
        self._waiting += 1
        try:
            async with asyncio.timeout(deadline_s):
                if size <= LARGE_BYTES:
                    return await self._answer(work, deadline_s, gone)
                async with self._large:
                    return await self._answer(work, deadline_s, gone)
        except TimeoutError as error:
            raise _too_late(deadline_s) from error
        finally:
            self._waiting -= 1

    async def _answer(
        self, work: Callable[[Stop], T], deadline_s: float, gone: Callable[[], Awaitable[object]] | None
    ) -> T:
        stop = Stop()
        future = asyncio.get_running_loop().run_in_executor(self._pool, work, stop)
        self._running.add(stop)
        future.add_done_callback(lambda done: self._ended(stop, done))
        try:
            await asyncio.wait({future}, timeout=_PATIENCE)
            if not future.done() and gone is not None:
                await self._wait_or_leave(future, gone)
            return await asyncio.shield(future)
        except (asyncio.CancelledError, TimeoutError, Refused):
            stop.ask()
            future.cancel()
            raise

    def _ended(self, stop: Stop, done: asyncio.Future[T]) -> None:
        self._running.discard(stop)
        if not done.cancelled():
            done.exception()  # read it, or asyncio would log that no one did

    @staticmethod
    async def _wait_or_leave(future: asyncio.Future[T], gone: Callable[[], Awaitable[object]]) -> None:
        left = asyncio.ensure_future(gone())
        both: set[asyncio.Future[Any]] = {future, left}
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        finally:
            left.cancel()
        if not future.done():
            raise Refused(
                "The client left before its answer.", status=499, code="cancelled", remedy="Ask again."
            )

    def close(self) -> None:
        """Stop what still runs and let the threads end."""
        for stop in list(self._running):
            stop.ask()
        self._pool.shutdown(wait=False, cancel_futures=True)


def _too_late(deadline_s: float) -> Refused:
    return Refused(
        f"The answer took longer than {deadline_s:g} seconds and was stopped.",
        status=504,
        code="deadline",
        remedy="Send fewer rows at once.",
    )
