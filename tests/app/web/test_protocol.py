from __future__ import annotations

import socket

import pytest

from app.web.protocol import HEADER_SECONDS
from tests.served import Client, Served

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("begun", [b"", b"GET /healthz HTTP/1.1\r\nHost: 127"])
def test_who_does_not_finish_a_header_is_cut_off_and_nobody_else_waits(
    served: Served, stranger: Client, begun: bytes
) -> None:
    with socket.create_connection(("127.0.0.1", served.port), timeout=HEADER_SECONDS * 6) as line:
        line.sendall(begun)
        assert stranger.get("/healthz").status == 200
        try:
            assert line.recv(100) == b""
        except ConnectionResetError as error:
            assert error.errno


def test_a_line_that_is_kept_is_used_again(stranger: Client) -> None:
    assert stranger.get("/healthz").status == 200
    first = stranger._line
    assert stranger.get("/login").status == 200
    assert stranger._line is first is not None


def test_what_is_no_http_gets_no_page(served: Served) -> None:
    with socket.create_connection(("127.0.0.1", served.port), timeout=60) as line:
        line.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 nonsense\r\n\r\n")
        assert b" 200 " not in line.recv(1000)
