"""What the plane tells the portal through files."""

from __future__ import annotations

import json
import os
from pathlib import Path

from app.inference.plane import Plane, describe_process
from app.settings import Settings
from tests.planes import ServicesFolder


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


def test_the_process_says_what_a_portal_needs_to_adopt_it() -> None:
    card = json.loads(describe_process("1.2.3", "127.0.0.1", 8502, "2026-01-01T00:00:00+00:00"))
    assert (card["pid"], card["port"], card["version"]) == (os.getpid(), 8502, "1.2.3")
