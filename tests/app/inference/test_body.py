"""Bodies are read, unpacked and packed within bounds."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from collections.abc import Mapping
from typing import Any

import pytest
from starlette.requests import Request

from app.inference import body as room
from app.inference.body import Budget, check_encoding, compress, read_body, uncompress
from app.inference.refused import Refused


def request(messages: list[Mapping[str, Any]], **headers: str) -> Request:
    """A request whose body comes in `messages`, and then nothing more."""
    queue = list(messages)

    async def receive() -> Any:
        if queue:
            return queue.pop(0)
        await asyncio.sleep(3600)

    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "method": "POST", "path": "/", "headers": raw}, receive)


def part(content: bytes, more: bool = True) -> Mapping[str, Any]:
    return {"type": "http.request", "body": content, "more_body": more}


def read(sent: Request, budget: Budget) -> bytes:
    async def work() -> bytes:
        async with read_body(sent, budget) as body:
            assert budget.held == len(body)
            return bytes(body)

    return asyncio.run(work())


def test_the_parts_of_a_body_are_joined_and_given_back() -> None:
    budget = Budget()
    assert read(request([part(b"a"), part(b""), part(b"bc"), part(b"", more=False)]), budget) == b"abc"
    assert budget.held == 0


def refusal(sent: Request, budget: Budget) -> Refused:
    before = budget.held
    with pytest.raises(Refused) as caught:
        read(sent, budget)
    assert budget.held == before
    return caught.value


def test_large_bodies_are_refused_when_announced_and_when_they_come(monkeypatch: pytest.MonkeyPatch) -> None:
    assert refusal(request([], content_length=str(room.MOST_BYTES + 1)), Budget()).status == 413
    monkeypatch.setattr(room, "MOST_BYTES", 10)
    assert refusal(request([part(b"x" * 6)] * 2), Budget()).status == 413


def test_a_pause_a_departure_and_a_full_house(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "PAUSE_SECONDS", 0.01)
    assert refusal(request([part(b"x")]), Budget()).status == 408
    left = refusal(request([part(b"x"), {"type": "http.disconnect"}]), Budget())
    assert left.code == "cancelled"
    full = Budget(held=room.MOST_BYTES_TOGETHER)
    assert refusal(request([part(b"x")]), full).code == "overloaded"


@pytest.mark.parametrize("encoding", ["", "gzip", "deflate"])
def test_what_was_packed_is_unpacked(encoding: str) -> None:
    content = b"some body " * 1000
    packed = {"": content, "gzip": gzip.compress(content), "deflate": zlib.compress(content)}[encoding]
    assert bytes(uncompress(packed, check_encoding(encoding.upper()))) == content


WHOLE = gzip.compress(b"abc", mtime=0)


@pytest.mark.parametrize("packed", [b"", b"x", WHOLE[:-1], WHOLE + b"\0"])
def test_a_broken_stream_is_refused(packed: bytes) -> None:
    with pytest.raises(Refused) as caught:
        uncompress(packed, "gzip")
    assert caught.value.status == 400


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_bomb_is_refused_before_it_has_grown(encoding: str) -> None:
    content = b"\0" * (room.MOST_BYTES + 1)
    packed = gzip.compress(content, 1) if encoding == "gzip" else zlib.compress(content, 1)
    with pytest.raises(Refused) as caught:
        uncompress(packed, encoding)
    assert caught.value.status == 413


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "x" * 1000])
def test_other_encodings_are_refused(encoding: str) -> None:
    with pytest.raises(Refused) as caught:
        check_encoding(encoding)
    assert caught.value.status == 415


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip", "gzip"),
        ("br, deflate, gzip;q=0.5", "gzip"),
        ("deflate", "deflate"),
        ("gzip;q=0", ""),
        ("br", ""),
        ("", ""),
    ],
)
def test_an_answer_is_packed_as_the_client_likes(accepted: str, encoding: str) -> None:
    content = b"answer " * 1000
    packed, used = compress(content, accepted)
    assert used == encoding
    assert bytes(uncompress(packed, used)) == content
    assert compress(b"short", accepted) == (b"short", "")
