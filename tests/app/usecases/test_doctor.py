"""The doctor says what it found and what to do."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from app.settings import Settings
from app.usecases.doctor import examine

SETTINGS = Settings(threads=2, memory_gib=1.0)


def test_every_failed_check_has_a_remedy(tmp_path: Path) -> None:
    greedy = Settings(threads=2, memory_gib=100_000.0)
    checks = examine(tmp_path / "not" / "there", greedy)
    failed = [check for check in checks if not check.ok]
    assert "processor and memory" in [check.name for check in failed]
    assert all(check.remedy for check in failed)
    assert all(not check.remedy for check in checks if check.ok)


def test_what_the_product_needs_is_looked_at(tmp_path: Path) -> None:
    found = {check.name: check for check in examine(tmp_path, SETTINGS)}
    assert found["onnxruntime"].ok and found["duckdb"].ok
    assert "GiB free" in found["disk"].found


def test_a_driver_that_fails_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tool = tmp_path / "nvidia-smi"
    tool.write_text("#!/bin/sh\nexit 9\n")
    tool.chmod(tool.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    cards = next(check for check in examine(tmp_path, SETTINGS) if check.name == "graphics cards")
    assert not cards.ok and cards.remedy


def test_a_card_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tool = tmp_path / "nvidia-smi"
    tool.write_text("#!/bin/sh\necho 'NVIDIA H100, 81559 MiB'\n")
    tool.chmod(tool.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    cards = next(check for check in examine(tmp_path, SETTINGS) if check.name == "graphics cards")
    assert cards.ok and "H100" in cards.found
