"""The server's life: one owner, clear words when it cannot start, and stops that lose nothing (RELIABILITY C)."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.server import _say as say
from tests.served import ROOT, Served

_PATIENCE_S = 60.0
pytestmark = pytest.mark.slow
#: What the control process must never load (DESIGN law 3); their libraries would show in its memory map.
HEAVY = ("tensorflow", "onnxruntime", "lightgbm", "sklearn", "scipy", "matplotlib")


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """A server of its own for each test, and no plane left behind."""
    server = Served(tmp_path / "data")
    with server:
        yield server
    card = tmp_path / "data" / "services" / ".plane.json"
    if card.exists():
        os.kill(int(json.loads(card.read_text())["pid"]), signal.SIGKILL)


def test_sigterm_ends_the_server_and_its_plane_in_good_order(served: Served) -> None:
    pid = _plane(served)
    assert served.stop(signal.SIGTERM) == 0
    assert _until(lambda: not _lives(pid))
    assert "what was training goes on" in served.words
    assert "Traceback" not in served.words
    assert "leaked" not in served.words


def test_ctrl_c_does_the_same(served: Served) -> None:
    pid = _plane(served)
    assert served.stop(signal.SIGINT) == 0
    assert _until(lambda: not _lives(pid))


def test_a_kill_leaves_the_plane_and_the_next_start_takes_it_over(served: Served) -> None:
    pid = _plane(served)
    assert served.stop(signal.SIGKILL) == -signal.SIGKILL
    assert _answers(served.inference_port)
    served.start()
    assert _plane(served) == pid
    assert _answers(served.inference_port)


def test_sighup_starts_the_portal_anew_in_place_and_leaves_the_plane(served: Served) -> None:
    admin = served.set_up()
    pid, process = _plane(served), served.process
    started = served.log.count("was alive and is kept")
    assert process is not None
    process.send_signal(signal.SIGHUP)
    assert _until(lambda: served.log.count("was alive and is kept") > started)
    served.wait_until_ready()
    assert process.poll() is None
    assert _plane(served) == pid
    assert admin.call("GET", "/api/v1/account").status == 200


def test_a_terminal_that_is_gone_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal that closes sends SIGHUP, and the start anew that it asks for has nobody left to greet."""
    here, there = os.openpty()
    terminal = open(there, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - closing it fails, as it should
    os.close(here)
    with pytest.raises(OSError, match="Input/output error"):
        os.write(there, b"x")
    monkeypatch.setattr(sys, "stderr", terminal)
    say("AI Mass serves")
    os.close(there)


def test_a_plane_that_dies_is_started_again(served: Served) -> None:
    pid = _plane(served)
    os.kill(pid, signal.SIGKILL)
    assert _until(lambda: _plane(served) != pid and _answers(served.inference_port))
    assert served.client().get("/healthz").json["live"] is True


def test_a_second_server_is_refused_and_names_the_first(served: Served) -> None:
    assert served.process is not None
    command = [
        *served.command()[:4],
        "--data-dir",
        str(served.folder),
        "--port",
        "1",
        "--inference-port",
        "2",
    ]
    second = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert second.returncode == 73
    assert f"process {served.process.pid}" in second.stderr
    assert "--data-dir" in second.stderr
    assert served.client().get("/healthz").status == 200


@pytest.mark.parametrize("option", ["--port", "--inference-port"])
def test_a_port_that_is_taken_is_named_with_its_user(tmp_path: Path, option: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        served = Served(tmp_path / "data")
        command = [*served.command(), option, str(port)]
        refused = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert refused.returncode == 2
    assert f"Port {port} is in use by" in refused.stderr
    assert f"(process {os.getpid()})" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert not (tmp_path / "data" / "services" / ".plane.json").exists()


def test_files_of_somebody_else_are_named(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "aimass.duckdb").touch(mode=0o400)
    refused = subprocess.run(
        Served(tmp_path / "data").command(), cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert refused.returncode == 77
    assert "aimass.duckdb" in refused.stderr


def test_the_server_stays_small_and_loads_nothing_of_training(served: Served) -> None:
    admin = served.set_up()
    for path in ("/", "/api/docs", "/api/openapi.json"):
        assert admin.get(path).status == 200
    for path in ("account", "datasets", "runs", "models", "jobs"):
        assert admin.call("GET", f"/api/v1/{path}").status == 200
    assert served.process is not None
    maps = Path(f"/proc/{served.process.pid}/maps").read_text()
    assert [
        name for name in HEAVY if f"/{name}/" in maps
    ] == []  # numpy brings a "libscipy_openblas" of its own
    status = Path(f"/proc/{served.process.pid}/status").read_text()
    resident_kib = int(status.split("VmRSS:")[1].split()[0])
    assert resident_kib < 400 << 10


def test_small_answers_do_not_wait_for_each_other(served: Served) -> None:
    """Nagle's delay would make each 40 ms or more; the quickest of many says whether it is off, however busy we are."""
    admin = served.set_up()
    quickest = min(_seconds(lambda: admin.call("GET", "/api/v1/account")) for _ in range(100))
    assert quickest < 0.02


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _plane(served: Served) -> int:
    """The process id of the living plane, once it says so itself."""
    card = served.folder / "services" / ".plane.json"
    assert _until(card.exists)
    return int(json.loads(card.read_text())["pid"])


def _answers(port: int) -> bool:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        line.request("GET", "/v2/health/live")
        return line.getresponse().status == 200
    except OSError:
        return False
    finally:
        line.close()


def _lives(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in {"Z", "X"}


def _until(is_so: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + _PATIENCE_S
    while time.monotonic() < deadline:
        if is_so():
            return True
        time.sleep(0.05)
    return False


def test_help_names_every_option() -> None:
    said = subprocess.run(
        [sys.executable, "-P", "-m", "app.server", "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for option in ("--host", "--port", "--inference-port", "--data-dir"):
        assert option in said.stdout
