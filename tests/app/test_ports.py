from __future__ import annotations

import os
import socket

import pytest

from app.ports import listen, user_of
from engine.errors import BadCommand
from tests.served import free_port


def test_a_free_port_is_taken_as_tcp_so_that_nagle_can_be_turned_off() -> None:
    with listen("127.0.0.1", free_port()) as listener:
        assert listener.proto == socket.IPPROTO_TCP
        port = listener.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)), listener.accept()[0] as accepted:
            assert accepted.proto == socket.IPPROTO_TCP


def test_who_has_a_taken_port_is_named() -> None:
    with listen("127.0.0.1", free_port()) as listener:
        port = listener.getsockname()[1]
        assert f"(process {os.getpid()})" in user_of(port)
        with pytest.raises(BadCommand, match=f"Port {port} is in use by .*process {os.getpid()}"):
            listen("127.0.0.1", port)
    assert user_of(port) == ""


@pytest.mark.parametrize("host", ["203.0.113.7", "no.such.host.invalid"])
def test_an_address_that_is_not_ours_is_refused_in_words(host: str) -> None:
    with pytest.raises(BadCommand, match="no address"):
        listen(host, free_port())
