"""A command reaches the server that has the folder, whatever the folder is called; nonsense harms nothing."""

from __future__ import annotations

import socket
import stat
from collections.abc import Iterator

import pytest

from app.console import Console, ConsoleFailed, ask
from app.usecases.accounts import Person
from app.wiring import Appliance
from engine.errors import WorkFailed
from store.folder import DataFolder
from tests.app.usecases.doorstep import ada, clock, door

__all__ = ["ada", "clock", "door"]

pytestmark = pytest.mark.slow


@pytest.fixture
def listening(door: Appliance, ada: Person) -> Iterator[Appliance]:
    console = Console(door)
    console.start()
    yield door
    console.close()
    console.close()


def test_it_answers(listening: Appliance) -> None:
    assert [user["name"] for user in ask(listening.folder, "user list", {})] == ["ada"]


def test_a_refusal_comes_back_as_it_was_said(listening: Appliance) -> None:
    with pytest.raises(ConsoleFailed, match="no user 'eve'") as refusal:
        ask(listening.folder, "user unlock", {"name": "eve"})
    assert refusal.value.exit_code == 2
    assert refusal.value.remedy == "Check the name."


def test_an_unforeseen_failure_says_nothing_of_itself(listening: Appliance) -> None:
    with pytest.raises(ConsoleFailed, match="could not do it"):
        ask(listening.folder, "user unlock", {})
    assert ask(listening.folder, "user list", {})


@pytest.mark.parametrize(
    "sent", [b"", b"\n", b"{\n", b"[]\n", b'{"verb": 1}\n', b"\xff\xfe\n", b"x" * 100_000]
)
def test_nonsense_harms_nothing(listening: Appliance, sent: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(listening.folder.root)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as peer:
        peer.connect(".console.sock")
        try:
            peer.sendall(sent)
            peer.shutdown(socket.SHUT_WR)
            answer = peer.recv(10_000)
        except OSError:
            answer = b""
    assert b"Traceback" not in answer
    assert ask(listening.folder, "user list", {})


def test_its_socket_is_its_owners_alone(listening: Appliance) -> None:
    path = listening.folder.root / ".console.sock"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_socket_left_by_a_killed_server_is_replaced(listening: Appliance) -> None:
    second = Console(listening)
    second.start()
    assert ask(listening.folder, "user list", {})
    second.close()


def test_nobody_there_is_a_sentence(door: Appliance) -> None:
    with pytest.raises(WorkFailed, match="does not answer"):
        ask(door.folder, "user list", {})
    with pytest.raises(WorkFailed, match="does not answer"):
        ask(DataFolder(door.folder.root / "absent"), "user list", {})
