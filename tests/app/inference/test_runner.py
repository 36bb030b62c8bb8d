"""Answers are computed in threads, within their time, and no more wait than may."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from app.inference import runner as room
from app.inference.refused import Refused
from app.inference.runner import Runner
from engine.serving.session import Stop

pytestmark = pytest.mark.slow


def until_stopped(stop: Stop) -> str:
    while not stop.asked:
        time.sleep(0.005)
    return "stopped"


async def refusal(runner: Runner, deadline_s: float = 0.05, **more: object) -> Refused:
    with pytest.raises(Refused) as caught:
        await runner.run(until_stopped, deadline_s=deadline_s, **more)  # type: ignore[arg-type]
    return caught.value


def test_the_work_is_done_in_another_thread() -> None:
    async def work() -> None:
        runner = Runner(1)
        assert (
            await runner.run(lambda stop: threading.current_thread(), deadline_s=5)
            is not threading.main_thread()
        )
        with pytest.raises(ZeroDivisionError):
            await runner.run(lambda stop: 1 // 0, deadline_s=5)
        runner.close()

    asyncio.run(work())


def test_the_deadline_stops_the_work_and_frees_the_thread() -> None:
    async def work() -> None:
        runner = Runner(1)
        for _ in range(3):
            assert (await refusal(runner)).status == 504
        assert await runner.run(lambda stop: 7, deadline_s=5) == 7
        runner.close()

    asyncio.run(work())


def test_a_client_that_leaves_stops_the_work() -> None:
    async def work() -> None:
        async def gone() -> None:
            await asyncio.sleep(0.01)

        runner = Runner(1)
        assert (await refusal(runner, 60.0, gone=gone)).code == "cancelled"
        assert await runner.run(lambda stop: 7, deadline_s=5, gone=gone) == 7
        runner.close()

    asyncio.run(work())


def test_too_many_waiting_are_refused_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "MOST_WAITING", 2)

    async def work() -> None:
        runner = Runner(1)
        waiting = [asyncio.ensure_future(refusal(runner, 1.0)) for _ in range(2)]
        await asyncio.sleep(0.05)
        assert (await refusal(runner, 60.0)).code == "overloaded"
        assert {refused.status for refused in await asyncio.gather(*waiting)} == {504}
        runner.close()

    asyncio.run(work())


def test_large_requests_take_turns() -> None:
    async def work() -> None:
        runner = Runner(4)
        at_once: list[int] = []
        running = [0]

        def busy(stop: Stop) -> None:
            running[0] += 1
            at_once.append(running[0])
            time.sleep(0.02)
            running[0] -= 1

        await asyncio.gather(*[runner.run(busy, deadline_s=10, size=room.LARGE_BYTES + 1) for _ in range(4)])
        assert max(at_once) == 1
        runner.close()

    asyncio.run(work())
