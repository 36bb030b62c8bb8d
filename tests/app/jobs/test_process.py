"""Processes are known again, ended as a whole, and bounded."""

from __future__ import annotations

import dataclasses
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.jobs.process import (
    DATA_VARIABLE,
    TOKEN_VARIABLE,
    LifeLock,
    busy_s,
    collect,
    collect_known,
    end,
    find_by_token,
    identify,
    is_running,
    out_of_memory_kills,
    read_holder,
    start,
    workers_of,
)
from store.folder import lock_is_held

pytestmark = pytest.mark.slow

SLEEP = (sys.executable, "-c", "import time; time.sleep(60)")


def wait(is_so: Callable[[], object]) -> None:
    deadline = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.fixture
def sleeper(tmp_path: Path) -> Iterator[int]:
    """A process that sleeps, with a token and a data folder of its own."""
    environment = {**os.environ, TOKEN_VARIABLE: "t" * 32, DATA_VARIABLE: str(tmp_path.resolve())}
    pid = start(SLEEP, log=tmp_path / "log.txt", environment=environment, folder=tmp_path)
    yield pid
    known = identify(pid)
    if known is not None:
        end(known, signal.SIGKILL)
        wait(lambda: collect(pid) is not None)


def test_a_process_is_known_and_a_later_one_with_its_number_is_not(sleeper: int) -> None:
    known = identify(sleeper)
    assert known is not None and is_running(known)
    assert not is_running(dataclasses.replace(known, start_ticks=known.start_ticks - 1))
    assert not is_running(dataclasses.replace(known, boot_id="another boot"))
    assert identify(2**22 + 7) is None


def test_the_way_it_ended_is_collected_once(sleeper: int) -> None:
    known = identify(sleeper)
    assert known is not None and collect(sleeper) is None and collect_known(known) is None
    assert end(known, signal.SIGKILL)
    wait(lambda: not is_running(known))
    assert collect_known(dataclasses.replace(known, start_ticks=1)) is None
    assert collect_known(known) == -signal.SIGKILL
    assert collect(sleeper) is None and not end(known, signal.SIGKILL)


def test_everything_it_started_ends_with_it(tmp_path: Path) -> None:
    program = (
        f"import subprocess, sys; child = subprocess.Popen({list(SLEEP)!r});"
        "open('child', 'w').write(str(child.pid)); child.wait()"
    )
    pid = start(
        (sys.executable, "-c", program), log=tmp_path / "log", environment=os.environ, folder=tmp_path
    )
    wait(lambda: (tmp_path / "child").exists() and (tmp_path / "child").read_text())
    child = identify(int((tmp_path / "child").read_text()))
    parent = identify(pid)
    assert child is not None and parent is not None
    end(parent, signal.SIGKILL)
    wait(lambda: not is_running(child) and not is_running(parent))
    assert collect(pid) == -signal.SIGKILL


def test_a_worker_is_found_by_its_token_and_its_folder(sleeper: int, tmp_path: Path) -> None:
    wait(lambda: find_by_token("t" * 32) is not None)
    found = find_by_token("t" * 32)
    assert found is not None and found.pid == sleeper and found.token == "t" * 32
    assert [worker.pid for worker in workers_of(tmp_path)] == [sleeper]
    assert find_by_token("u" * 32) is None and workers_of(tmp_path / "other") == []


def test_the_outputs_go_to_the_log_and_no_lock_of_ours_goes_along(tmp_path: Path) -> None:
    lock = LifeLock(tmp_path / ".lock")
    assert lock.take()
    program = "import sys, time; print('out', flush=True); print('err', file=sys.stderr, flush=True); time.sleep(60)"
    pid = start(
        (sys.executable, "-c", program), log=tmp_path / "log", environment=os.environ, folder=tmp_path
    )
    wait(lambda: (tmp_path / "log").read_text() == "out\nerr\n")
    lock.close()
    assert not lock_is_held(tmp_path / ".lock")
    known = identify(pid)
    assert known is not None and os.getsid(pid) == pid and end(known, signal.SIGKILL)
    wait(lambda: collect(pid) is not None)


def test_a_lock_is_a_sign_of_life_with_a_name(tmp_path: Path) -> None:
    path = tmp_path / ".lock"
    assert not lock_is_held(path) and not path.exists() and read_holder(path) is None
    first, second = LifeLock(path), LifeLock(path)
    assert first.take() and not second.take() and lock_is_held(path)
    myself = identify(os.getpid(), token="mine")
    assert myself is not None
    first.sign(myself)
    assert read_holder(path) == myself
    first.close()
    assert not lock_is_held(path) and second.take()
    second.close()
    path.write_text('{"pid": "no num')
    assert read_holder(path) is None


@pytest.mark.parametrize(
    ("what", "end_of_it"),
    [
        ("bytearray(3 << 30)", "MemoryError"),
        ("open('large', 'wb').truncate(3 << 20)", "File too large"),
        ("[open('/dev/null') for _ in range(100)]", "Too many open files"),
        ("[i for i in iter(int, 1)]", ""),
    ],
)
def test_a_bounded_process_gets_no_more(tmp_path: Path, repository: Path, what: str, end_of_it: str) -> None:
    program = (
        "from app.jobs.process import Bounds, bound_myself\n"
        "bound_myself(Bounds(memory_bytes=2 << 30, cpu_s=2, file_bytes=1 << 20, open_files=50))\n"
        f"import os; os.chdir({str(tmp_path)!r})\n{what}"
    )
    result = subprocess.run(
        [sys.executable, "-c", program], cwd=repository, capture_output=True, text=True, check=False
    )
    assert result.returncode == (1 if end_of_it else -signal.SIGXCPU)
    assert end_of_it in result.stderr


def test_the_kernels_count_of_killed_processes_is_readable() -> None:
    assert out_of_memory_kills() >= 0


def test_processor_time_is_counted_over_the_whole_group() -> None:
    burn = "import time; end = time.process_time() + 1.0\nwhile time.process_time() < end: pass\n"
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {burn!r}]); input()"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, start_new_session=True
    ) as group:
        leader = identify(group.pid)
        assert leader is not None
        deadline = time.monotonic() + 60
        while busy_s(leader) < 1.0:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        group.communicate(b"\n")
    assert busy_s(leader) == 0.0
