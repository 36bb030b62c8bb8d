from __future__ import annotations

import socket

import pytest

from app.settings import ServeSettings
from app.web.hosts import host_name, hosts_of


def test_a_server_answers_to_its_own_names() -> None:
    hosts = hosts_of(ServeSettings(host="10.0.0.7"))
    for name in ("localhost", "127.0.0.1:8501", "[::1]:8501", "10.0.0.7", socket.gethostname(), "LOCALHOST."):
        assert hosts.includes(name), name
    for name in ("evil.example", "10.0.0.8", "0.0.0.0", "", "localhost.evil.example"):
        assert not hosts.includes(name), name


def test_an_admin_adds_names() -> None:
    hosts = hosts_of(ServeSettings(public_url="https://ai.example.com", allowed_hosts=("box.lan",)))
    assert hosts.includes("ai.example.com")
    assert hosts.includes("box.lan:443")


def test_on_every_interface_any_bare_address_is_ours_but_no_other_name() -> None:
    hosts = hosts_of(ServeSettings(host="0.0.0.0"))
    assert hosts.includes("192.168.3.4:8501")
    assert hosts.includes("[fd00::1]:8501")
    assert not hosts.includes("evil.example")


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("Box:80", "box"),
        ("box.", "box"),
        ("[::1]:80", "::1"),
        ("box:80:90", None),
        ("box:٣", None),
        ("user@box", None),
        ("box/..", None),
        ("", None),
        (":80", None),
        ("a" * 400, None),
    ],
)
def test_a_host_header_is_read_strictly(header: str, name: str | None) -> None:
    assert host_name(header) == name
