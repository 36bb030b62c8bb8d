"""The plane as a process: one per folder, one per port, a clean end, small, and alone."""

from __future__ import annotations

import http.client
import json
import re
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import psutil
import pytest

from app.inference.process import FOLDER_TAKEN, FolderTaken, claim, listen
from engine.errors import WorkFailed
from tests.planes import MANAGER, REPOSITORY, SERVICE, RunningPlane, ServicesFolder

pytestmark = pytest.mark.slow

ENDLESS = {"rows": [{"turns": 1e18}]}
PREDICT = f"/v1/services/{SERVICE}/predict"


def run_plane(root: Path, port: int) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "app.inference", str(root), "--port", str(port)]
    return subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=60, check=False)


def in_work(running: RunningPlane) -> int:
    text = running.ask("GET", "/metrics").body.decode()
    return int(re.search(r"^aimass_infer_queue_depth (\d+)$", text, re.MULTILINE)[1])  # type: ignore[index]


def test_a_folder_is_claimed_once(tmp_path: Path) -> None:
    with claim(tmp_path), pytest.raises(FolderTaken) as caught, claim(tmp_path):
        pass
    assert caught.value.exit_code == FOLDER_TAKEN == 73
    with claim(tmp_path):
        assert (tmp_path / ".lock").is_file()


def test_answers_are_not_held_back(tmp_path: Path) -> None:
    """asyncio sets TCP_NODELAY on accepted sockets only where the listener names its protocol."""
    with listen("127.0.0.1", 0) as listener:
        assert listener.proto == socket.IPPROTO_TCP


@pytest.mark.parametrize("host", ["127.0.0.1", "no such host.invalid"])
def test_an_address_that_cannot_be_had_is_one_sentence(host: str) -> None:
    with listen("127.0.0.1", 0) as taken, pytest.raises(WorkFailed, match="cannot listen on"):
        listen(host, taken.getsockname()[1])


def test_a_second_plane_or_a_taken_port_ends_at_once(plane: RunningPlane, tmp_path: Path) -> None:
    second = run_plane(plane.root, 0)
    assert second.returncode == 73 and "Another inference plane" in second.stderr
    taken = run_plane(tmp_path, plane.port)
    assert taken.returncode == 1 and f"127.0.0.1:{plane.port}" in taken.stderr
    assert "Traceback" not in second.stderr + taken.stderr


def test_it_says_where_it_is_and_who(plane: RunningPlane) -> None:
    card = json.loads((plane.root / "services" / ".plane.json").read_text())
    assert (card["pid"], card["port"], set(card)) == (
        plane.process.pid,
        plane.port,
        {"pid", "host", "port", "version", "started_at"},
    )


def test_it_is_small_and_loads_no_library_that_trains(plane: RunningPlane) -> None:
    process = psutil.Process(plane.process.pid)
    assert process.memory_info().rss < 250 << 20
    mapped = " ".join(entry.path for entry in process.memory_maps())
    assert not any(
        f"/{name}/" in mapped for name in ("tensorflow", "sklearn", "lightgbm", "scipy", "streamlit")
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly(tmp_path: Path, small_model: bytes, number: signal.Signals) -> None:
    ServicesFolder(tmp_path).put(SERVICE, "1", small_model)
    running = RunningPlane(tmp_path)
    running.process.send_signal(signal.SIGHUP)
    assert running.ask("GET", "/v2/health/live", key="").status == 200
    idle = http.client.HTTPConnection("127.0.0.1", running.port)
    idle.request("GET", "/v2/health/live")
    idle.getresponse().read()
    running.process.send_signal(number)
    assert running.process.wait(timeout=20) == 0
    idle.close()
    assert running.stop() == 0
    assert "Traceback" not in running.errors
    assert not (tmp_path / "services" / ".plane.json").exists()


def test_what_is_in_work_is_finished_before_the_end(tmp_path: Path, slow_model: bytes) -> None:
    ServicesFolder(tmp_path).put(SERVICE, "1", slow_model)
    with RunningPlane(tmp_path, AIMASS_ANSWER_SECONDS="4") as running:
        replies: list[int] = []
        asker = threading.Thread(target=lambda: replies.append(running.ask("POST", PREDICT, ENDLESS).status))
        asker.start()
        running.wait_for(lambda: in_work(running) == 1, "work")
        assert running.stop() == 0
        asker.join()
    assert replies == [504]


def test_an_answer_that_never_comes_is_stopped_and_others_go_on(tmp_path: Path, slow_model: bytes) -> None:
    ServicesFolder(tmp_path).put(SERVICE, "1", slow_model)
    with RunningPlane(tmp_path, AIMASS_ANSWER_SECONDS="0.5") as running:
        for _ in range(9):  # more than there are threads
            reply = running.ask("POST", PREDICT, ENDLESS)
            assert (reply.status, reply.json["code"]) == (504, "deadline")
        assert running.ask("POST", PREDICT, {"rows": [{"turns": 2}]}).json["rows"] == [{"prediction": 2.0}]
        text = running.ask("GET", "/metrics").body.decode()
        assert f'aimass_infer_requests_total{{model="{SERVICE}",reason="deadline"}} 9' in text


def test_a_client_that_leaves_stops_its_work(tmp_path: Path, slow_model: bytes) -> None:
    ServicesFolder(tmp_path).put(SERVICE, "1", slow_model)
    with RunningPlane(tmp_path, AIMASS_ANSWER_SECONDS="600") as running:
        wire = http.client.HTTPConnection("127.0.0.1", running.port)
        wire.request("POST", PREDICT, json.dumps(ENDLESS).encode(), {"X-API-Key": MANAGER})
        running.wait_for(lambda: in_work(running) == 1, "work")
        assert wire.sock is not None
        wire.sock.close()
        wire.close()
        running.wait_for(
            lambda: 'reason="cancelled"} 1' in running.ask("GET", "/metrics").body.decode(), "counted"
        )
        running.wait_for(lambda: psutil.Process(running.process.pid).cpu_percent(0.3) < 50, "idle again")
