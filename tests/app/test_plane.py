"""The keeper of the inference plane, with the real plane; what a whole server does with it is in test_server.py."""

from __future__ import annotations

import json
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.jobs.process import identify
from app.plane import Plane, PlaneAddress
from app.version import aimass_version
from engine.errors import BadCommand
from store.folder import DataFolder, lock_is_held
from tests.served import free_port

_PATIENCE_S = 60.0
pytestmark = pytest.mark.slow


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    made = DataFolder(tmp_path / "data")
    made.create()
    return made


@pytest.fixture
def address() -> PlaneAddress:
    return PlaneAddress(host="127.0.0.1", port=free_port(), version=aimass_version())


@pytest.fixture
def planes() -> Iterator[list[Plane]]:
    """Every plane of a test; none outlives it."""
    opened: list[Plane] = []
    yield opened
    for plane in opened:
        plane.close(leave=False)


def test_it_is_started_left_and_taken_over(
    folder: DataFolder, address: PlaneAddress, planes: list[Plane]
) -> None:
    first = Plane(folder, address)
    planes.append(first)
    first.open()
    assert _until(first.answers)
    first.close(leave=True)
    second = Plane(folder, address)
    planes.append(second)
    second.open()
    assert second.pid == first.pid
    second.close(leave=False)
    assert second.pid is not None
    assert identify(second.pid) is None


def test_one_of_another_version_is_replaced(
    folder: DataFolder, address: PlaneAddress, planes: list[Plane]
) -> None:
    old = Plane(folder, address)
    planes.append(old)
    old.open()
    card = folder.services / ".plane.json"
    assert _until(card.exists)
    old.close(leave=True)
    card.write_text(json.dumps({**json.loads(card.read_text()), "version": "0.0.1"}))
    new = Plane(folder, address)
    planes.append(new)
    new.open()
    assert new.pid != old.pid
    assert _until(new.answers)


def test_one_at_another_address_is_replaced(
    folder: DataFolder, address: PlaneAddress, planes: list[Plane]
) -> None:
    """Whoever starts the server on this machine alone must not keep a plane that the whole network can ask."""
    wide = Plane(folder, replace(address, host="0.0.0.0"))
    planes.append(wide)
    wide.open()
    assert _until(wide.answers)
    wide.close(leave=True)
    narrow = Plane(folder, replace(address, host="localhost"))
    planes.append(narrow)
    narrow.open()
    assert narrow.pid != wide.pid
    assert _until(narrow.answers)
    narrow.close(leave=True)
    again = Plane(folder, replace(address, host="localhost"))
    planes.append(again)
    again.open()
    assert again.pid == narrow.pid


def test_a_card_of_a_plane_that_was_killed_names_nobody(
    folder: DataFolder, address: PlaneAddress, planes: list[Plane]
) -> None:
    """Its number may belong to another process by now, which a new server would then take for the plane."""
    card = folder.services / ".plane.json"
    told = {"pid": os.getpid(), "host": "127.0.0.1", "port": address.port, "version": address.version}
    card.write_text(json.dumps(told))
    first = Plane(folder, address)
    planes.append(first)
    first.open()
    assert _until(lambda: lock_is_held(folder.services / ".lock"))
    first.close(leave=True)
    second = Plane(folder, address)
    planes.append(second)
    second.open()
    assert second.pid == first.pid != os.getpid()


def test_one_that_is_killed_comes_back_and_says_so(
    folder: DataFolder, address: PlaneAddress, planes: list[Plane]
) -> None:
    seen: list[bool] = []
    plane = Plane(folder, address, on_change=seen.append)
    planes.append(plane)
    plane.open()
    assert _until(lambda: True in seen)
    before = plane.pid
    assert before is not None
    os.kill(before, signal.SIGKILL)
    assert _until(lambda: plane.pid != before and plane.answers())
    assert False in seen


def test_a_taken_port_is_said_before_anything_starts(folder: DataFolder, planes: list[Plane]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        plane = Plane(folder, PlaneAddress(host="127.0.0.1", port=port, version="1"))
        with pytest.raises(BadCommand, match=str(port)):
            plane.open()
        assert plane.pid is None


def test_nobody_answers_where_there_is_none(folder: DataFolder, address: PlaneAddress) -> None:
    assert not Plane(folder, address).answers()


def _until(is_so: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + _PATIENCE_S
    while time.monotonic() < deadline:
        if is_so():
            return True
        time.sleep(0.05)
    return False
