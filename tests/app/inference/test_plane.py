"""What the plane tells the portal through files."""

from __future__ import annotations

import asyncio
import json
import os
import threading
import time
from pathlib import Path

import pytest

from app.inference import plane as room
from app.inference.plane import Plane, describe_process
from app.settings import Settings
from tests.planes import MANAGER, ServicesFolder


def test_the_state_of_each_service_is_written_when_it_changes(tmp_path: Path, small_model: bytes) -> None:
    folder = ServicesFolder(tmp_path)
    folder.put("demo", "1", small_model)
    plane = Plane.of(folder.folder, Settings(threads=2, memory_gib=0.5), "0.0.test")
    plane.refresh()
    file = folder.folder / "demo" / "state.json"
    assert json.loads(file.read_text()) == {"live": "1", "answering": "1", "problem": ""}
    written = file.stat().st_mtime_ns
    plane.refresh()
    assert file.stat().st_mtime_ns == written
    folder.put("demo", "2", b"broken")
    plane.refresh()
    state = json.loads(file.read_text())
    assert (state["live"], state["answering"]) == ("2", "1") and "Version 2" in state["problem"]


def test_a_revoked_key_does_not_wait_for_a_model_to_load(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "POLL_SECONDS", 0.01)
    plane = Plane.of(ServicesFolder(tmp_path).folder, Settings(threads=2, memory_gib=0.5), "0.0.test")
    plane.refresh()
    assert plane.keys.find(MANAGER) is not None

    async def follow_until_revoked() -> None:
        following = asyncio.create_task(plane.follow_keys())
        async with asyncio.timeout(30):
            while plane.keys.find(MANAGER) is not None:
                await asyncio.sleep(0.01)
        following.cancel()

    with plane.repository._lock:  # held while a model loads
        loading = threading.Thread(target=plane.refresh)
        loading.start()
        time.sleep(0.2)
        (plane.folder / "keys.json").write_text('{"keys": []}', encoding="utf-8")
        asyncio.run(follow_until_revoked())
    loading.join()


def test_the_process_says_what_a_portal_needs_to_adopt_it() -> None:
    card = json.loads(describe_process("1.2.3", "127.0.0.1", 8502, "2026-01-01T00:00:00+00:00"))
    assert (card["pid"], card["port"], card["version"]) == (os.getpid(), 8502, "1.2.3")


def test_work_that_fails_begins_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(room, "FAULT_SECONDS", 0.0)
    plane = Plane.of(tmp_path, Settings(threads=2, memory_gib=0.5), "0.0.test")
    starts: list[int] = []

    async def fail() -> None:
        starts.append(1)
        raise KeyError("fault")

    async def work() -> None:
        task = asyncio.create_task(plane.keep(fail))
        while len(starts) < 3:
            await asyncio.sleep(0.001)
        task.cancel()

    asyncio.run(work())
    assert "begins anew" in caplog.text


def test_memory_that_pictures_took_is_given_back_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[bool] = []
    monkeypatch.setattr(room, "STATS_SECONDS", 0.01)
    monkeypatch.setattr(room, "give_back", lambda: given.append(True))
    plane = Plane.of(ServicesFolder(tmp_path).folder, Settings(threads=2, memory_gib=0.5), "0.0.test")

    async def write_for_a_while() -> None:
        writing = asyncio.create_task(plane.write_counters())
        plane.has_garbage = True
        async with asyncio.timeout(30):
            while not given:
                await asyncio.sleep(0.01)
        await asyncio.sleep(0.1)
        writing.cancel()

    asyncio.run(write_for_a_while())
    assert given == [True]
    assert not plane.has_garbage
