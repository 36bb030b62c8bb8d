from __future__ import annotations

import asyncio
import resource
from dataclasses import replace

import pytest
from starlette.requests import Request
from starlette.types import Message, Receive

from app.api.uploads import send_file
from app.usecases.accounts import Person
from app.usecases.uploads import DiskFull
from app.wiring import Appliance
from store import uploads
from tests.app.api.conftest import Program
from tests.app.usecases.doorstep import ada, clock, door
from tests.app.web.test_visitor import STRANGER
from tests.served import Served

__all__ = ["ada", "clock", "door"]


@pytest.mark.slow
def test_a_file_comes_in_one_piece(program: Program, served: Served) -> None:
    answer = program.send("../../a.csv", b"a,b\n1,2\n")
    assert answer.status == 201
    assert (answer.json["name"], answer.json["bytes"]) == ("a.csv", 8)
    assert (served.folder / "uploads" / answer.json["id"]).read_bytes() == b"a,b\n1,2\n"


@pytest.mark.slow
def test_larger_than_other_bodies_may_be(program: Program) -> None:
    assert program.send("a.csv", b"a\n" + b"1\n" * (1 << 20)).status == 201


@pytest.mark.slow
def test_a_file_of_unknown_size_is_refused(program: Program) -> None:
    headers = {"Authorization": f"Bearer {program.secret}", "Transfer-Encoding": "chunked"}
    answer = program.client.ask("POST", "/api/v1/uploads?name=a.csv", body=b"0\r\n\r\n", headers=headers)
    assert (answer.status, answer.json["code"]) == (400, "wrong_length")
    program.client.close()


@pytest.mark.slow
def test_it_can_be_used_once(program: Program) -> None:
    upload = program.send("a.csv", b"a,b\n1,2\n3,4\n").json["id"]
    assert program.call("POST", "/datasets", {"upload_id": upload}).status == 201
    assert program.call("POST", "/datasets", {"upload_id": upload}).status in {404, 409}


def test_what_a_full_disk_took_half_of_is_in_nobodys_way(door: Appliance, ada: Person) -> None:
    visitor = replace(STRANGER, box=door, who=ada)
    size, piece = 12 << 20, 1 << 20
    headers = [(b"content-length", str(size).encode())]
    request = Request(
        {"type": "http", "headers": headers, "state": {"visitor": visitor}}, receive=_body(piece)
    )
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    # No file larger than this: the system refuses the rest as a full disk does.
    resource.setrlimit(resource.RLIMIT_FSIZE, (8 << 20, before[1]))
    try:
        with pytest.raises(DiskFull):
            asyncio.run(send_file(visitor, request, "a.csv"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert list(door.folder.uploads.iterdir()) == [] == list(uploads.waiting(door.db))


def _body(piece: int) -> Receive:
    async def receive() -> Message:
        return {"type": "http.request", "body": b"1" * piece, "more_body": True}

    return receive
