from __future__ import annotations

import asyncio

import pytest

from app.usecases.accounts import Person
from app.web.sockets import MOST_PER_PERSON, LiveSockets, Login

pytestmark = pytest.mark.slow

ANN = Person(id="1", name="ann", display="Ann", role="member")
BOB = Person(id="2", name="bob", display="Bob", role="member")


class _Line:
    def __init__(self) -> None:
        self.closed = 0

    async def close(self) -> None:
        self.closed += 1


def test_a_session_takes_its_sockets_along_and_no_others() -> None:
    sockets, lines = LiveSockets(), [_Line(), _Line(), _Line()]
    for line, login in zip(lines, (Login("a", ANN), Login("a", ANN), Login("b", BOB)), strict=True):
        sockets.add(login, line.close)
    asyncio.run(sockets.close("a"))
    asyncio.run(sockets.close("a"))
    assert [line.closed for line in lines] == [1, 1, 0]


def test_a_sweep_finds_the_ended_and_the_changed() -> None:
    sockets, ended, changed, same = LiveSockets(), _Line(), _Line(), _Line()
    admin = Person(id="2", name="bob", display="Bob", role="admin")
    sockets.add(Login("ended", ANN), ended.close)
    sockets.add(Login("changed", BOB), changed.close)
    sockets.add(Login("same", ANN), same.close)
    now = {"changed": admin, "same": ANN}
    asyncio.run(sockets.sweep(now.get))
    assert (ended.closed, changed.closed, same.closed) == (1, 1, 0)


def test_a_socket_that_is_gone_stops_nobody() -> None:
    async def broken() -> None:
        raise RuntimeError("gone")

    sockets, line = LiveSockets(), _Line()
    sockets.add(Login("a", ANN), broken)
    sockets.add(Login("a", ANN), line.close)
    asyncio.run(sockets.close("a"))
    assert line.closed == 1


def test_nobody_holds_endless_sockets() -> None:
    sockets = LiveSockets()
    lines = [_Line() for _ in range(MOST_PER_PERSON)]
    for number, line in enumerate(lines):
        assert not sockets.is_full(ANN)
        sockets.add(Login(str(number % 3), ANN), line.close)
    assert sockets.is_full(ANN)
    assert not sockets.is_full(BOB)
    sockets.remove(Login("0", ANN), lines[0].close)
    assert not sockets.is_full(ANN)


def test_sweeping_goes_on_after_a_failure() -> None:
    calls = []

    def person_of(token: str) -> Person | None:
        calls.append(token)
        if len(calls) == 1:
            raise OSError("the database is busy")
        return None

    async def scenario() -> None:
        sockets, line = LiveSockets(), _Line()
        sockets.add(Login("a", ANN), line.close)
        task = asyncio.create_task(sockets.keep_sweeping(person_of))
        while not line.closed:
            await asyncio.sleep(0.05)
        task.cancel()

    asyncio.run(asyncio.wait_for(scenario(), 60))
    assert len(calls) == 2
