"""The reader of a stranger's file is a process of its own, which says why it refuses one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from engine.files import read_json

pytestmark = pytest.mark.slow  # it loads TensorFlow


def test_a_refused_file_is_told_with_its_reason(tmp_path: Path, repository: Path) -> None:
    (tmp_path / "w.h5").write_bytes(b"label,path\n")
    command = [sys.executable, "-P", "-m", "app.jobs.check_weights", "resnet50"]
    command += [str(tmp_path / name) for name in ("w.h5", "out.npz", "told.json")]
    done = subprocess.run(command, capture_output=True, check=False, cwd=repository)
    assert done.returncode == 1
    assert "no file of weights" in read_json(tmp_path / "told.json")["message"]["text"]
    assert not (tmp_path / "out.npz").exists()
