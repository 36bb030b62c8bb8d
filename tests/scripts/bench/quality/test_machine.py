"""A measurement ends at its deadline and leaves nobody behind."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from scripts.bench.quality.machine import Failed, Overrun, busy_share, run

pytestmark = pytest.mark.slow


#: Starts a grandchild in a session of its own, as some libraries do, writes its id and waits.
ORPHAN = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True)
open("child", "w").write(str(child.pid))
time.sleep({seconds})
"""


def run_python(code: str, folder: Path, deadline_s: float = 30) -> float:
    return run(
        [sys.executable, "-c", code], cores=1, deadline_s=deadline_s, folder=folder, log=folder / "log"
    )


def is_over(pid: str) -> bool:
    for _ in range(100):
        status = Path("/proc", pid, "status")
        if not status.exists() or "State:\tZ" in status.read_text():
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize("seconds", [0, 60])
def test_whatever_was_started_is_ended(tmp_path: Path, seconds: int) -> None:
    if seconds:
        with pytest.raises(Overrun, match="stopped after 3 s"):
            run_python(ORPHAN.format(seconds=seconds), tmp_path, deadline_s=3)
    else:
        run_python(ORPHAN.format(seconds=seconds), tmp_path)
    assert is_over((tmp_path / "child").read_text())


def test_cores_are_as_many_as_said(tmp_path: Path) -> None:
    run_python("import os; print(len(os.sched_getaffinity(0)))", tmp_path)
    assert (tmp_path / "log").read_text() == "1\n"


def test_a_failure_says_what_it_said(tmp_path: Path) -> None:
    with pytest.raises(Failed, match=r"exit 3: the reason$"):
        run_python("import sys; print('the reason'); sys.exit(3)", tmp_path)


def test_busy_is_a_share() -> None:
    assert 0.0 <= busy_share(0.05) <= 1.0
