"""Strangers who send slowly, or come in crowds, do not keep others from their answers."""

from __future__ import annotations

import asyncio
import contextlib
import json
import select
import socket

import h11
import pytest
import uvicorn

from app.inference import protocol as room
from app.inference.protocol import MOST_CHUNKS, CountingConnection, PlaneProtocol


async def answer_ok(scope: object, receive: object, send: object) -> None:
    for message in (
        {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]},
        {"type": "http.response.body", "body": b"ok"},
    ):
        await send(message)  # type: ignore[operator]


class Served:
    """A server of `answer_ok` in this very loop."""

    async def __aenter__(self) -> Served:
        config = uvicorn.Config(
            answer_ok, port=0, http=PlaneProtocol, ws="none", lifespan="off", log_config=None
        )
        config.load()
        self.state = uvicorn.server.ServerState()
        loop = asyncio.get_running_loop()

        def make() -> PlaneProtocol:
            return PlaneProtocol(config=config, server_state=self.state, app_state={}, _loop=loop)

        self.server = await loop.create_server(make, "127.0.0.1", 0, family=socket.AF_INET)
        self.port = self.server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *failure: object) -> None:
        self.server.close()

    async def hear(self, *parts: bytes, pause: float = 0.0) -> bytes:
        """Send `parts` with pauses between; return all that comes until the server closes."""
        return await asyncio.to_thread(self._hear, parts, pause)

    def _hear(self, parts: tuple[bytes, ...], pause: float) -> bytes:
        heard = b""
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as wire:
            for part in parts:
                # What the server has closed takes no more; what it said before is still to be read.
                with contextlib.suppress(OSError):
                    wire.sendall(part)
                if select.select([wire], [], [], pause)[0]:
                    heard += _received(wire)
            while part := _received(wire):
                heard += part
        return heard


def _received(wire: socket.socket) -> bytes:
    try:
        return wire.recv(65_536)
    except ConnectionResetError:
        return b""


def body_of(answer: bytes) -> dict[str, str]:
    found: dict[str, str] = json.loads(answer.partition(b"\r\n\r\n")[2])
    return found


GOOD = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


def test_a_header_in_drops_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "HEADER_SECONDS", 0.2)

    async def work() -> None:
        async with Served() as served:
            silent, dripping, good = await asyncio.gather(
                served.hear(),
                served.hear(*[b"GET / HTTP/1.1\r\n", *[b"X: 1\r\n"] * 20], pause=0.05),
                served.hear(GOOD),
            )
            assert silent.startswith(b"HTTP/1.1 408") and dripping.startswith(b"HTTP/1.1 408")
            assert body_of(dripping)["code"] == "too_slow"
            assert good.startswith(b"HTTP/1.1 200")

    asyncio.run(work())


def test_a_second_request_in_drops_is_given_up_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "HEADER_SECONDS", 0.2)

    async def work() -> None:
        async with Served() as served:
            first = GOOD.replace(b"Connection: close\r\n", b"")
            answer = await served.hear(first, b"GET / HT", *[b"T"] * 10, pause=0.05)
            assert answer.startswith(b"HTTP/1.1 200") and b"HTTP/1.1 408" in answer

    asyncio.run(work())


def test_a_crowd_is_told_to_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "MOST_CONNECTIONS", 1)

    async def work() -> None:
        async with Served() as served:
            _, first = await asyncio.open_connection("127.0.0.1", served.port)
            await asyncio.sleep(0.05)
            answer = await served.hear(b"")
            assert answer.startswith(b"HTTP/1.1 503") and body_of(answer)["code"] == "overloaded"
            first.close()

    asyncio.run(work())


def test_chunks_are_counted_anew_for_each_request() -> None:
    connection = CountingConnection(h11.SERVER)
    head = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    for _ in range(2):
        connection.receive_data(head + b"1\r\nx\r\n" * 5 + b"0\r\n\r\n")
        while not isinstance(connection.next_event(), h11.EndOfMessage):
            pass
        assert connection.chunks == 5
        connection.send(h11.Response(status_code=200, headers=[("content-length", "0")]))
        connection.send(h11.EndOfMessage())
        connection.start_next_cycle()
    connection.receive_data(head)
    connection.next_event()
    connection.chunks = MOST_CHUNKS
    connection.receive_data(b"1\r\nx\r\n")
    with pytest.raises(h11.RemoteProtocolError) as caught:
        connection.next_event()
    assert caught.value.error_status_hint == 413
