"""The worker process itself: what it refuses, how it ends, what it leaves when nobody listens."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from app.jobs.failures import EXIT_NOT_WANTED
from app.jobs.messages import read_messages
from app.jobs.process import TOKEN_VARIABLE, LifeLock
from engine.files import write_json
from tests.runs import SETTINGS

pytestmark = pytest.mark.slow

TOKEN = "a" * 32


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "job"
    made.mkdir()
    return made


def order(folder: Path, **changes: Any) -> None:
    told = {
        "id": "0" * 16,
        "kind": "stub",
        "work": "tests.app.jobs.work:obey",
        "is_bounded": False,
        "subject": "thing:1",
        "attempt": 1,
        "token": TOKEN,
        "arguments": {},
        "input_bytes": 0,
        "data_folder": str(folder.parent),
        "settings": asdict(SETTINGS),
    }
    write_json(folder / "job.json", {**told, **changes})


def run(folder: Path, repository: Path, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "app.jobs.worker", str(folder)],
        cwd=repository,
        env={**os.environ, TOKEN_VARIABLE: TOKEN},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        **options,
    )


def told(folder: Path) -> list[Any]:
    return [message.event for message in read_messages(folder / "messages.jsonl", 0, TOKEN).messages]


def test_the_last_word_is_the_outcome(folder: Path, repository: Path) -> None:
    order(folder, arguments={"count": 2})
    assert run(folder, repository).returncode == 0
    assert [event["event"] for event in told(folder)] == ["worker_started", "counted", "counted", "outcome"]
    assert told(folder)[-1]["state"] == "succeeded" and told(folder)[-1]["result"]["begun"] == 1


def test_a_worker_that_is_not_meant_leaves_without_a_word(folder: Path, repository: Path) -> None:
    order(folder, token="b" * 32)
    assert run(folder, repository).returncode == EXIT_NOT_WANTED
    assert not (folder / "messages.jsonl").exists()


def test_a_worker_whose_place_is_taken_leaves_after_a_while(folder: Path, repository: Path) -> None:
    order(folder)
    lock = LifeLock(folder / ".lock")
    assert lock.take()
    try:
        assert run(folder, repository).returncode == EXIT_NOT_WANTED
    finally:
        lock.close()
    assert not (folder / "begun").exists()


def test_a_missing_order_is_a_code_and_a_trace_in_the_log(folder: Path, repository: Path) -> None:
    result = run(folder, repository)
    assert result.returncode == 1 and "FileNotFoundError" in result.stderr


def test_work_that_is_not_there_is_told(folder: Path, repository: Path) -> None:
    order(folder, work="app.jobs.handlers.nothing:nothing")
    assert run(folder, repository).returncode == 0
    assert told(folder)[-1]["error_class"] == "BUG" and "ModuleNotFoundError" in told(folder)[-1]["message"]


def test_a_disk_that_stays_full_is_told_by_the_exit_code(folder: Path, repository: Path) -> None:
    order(folder, arguments={"count": 50})

    def fill_up() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (400, 400))

    result = run(folder, repository, preexec_fn=fill_up)
    assert result.returncode == 74
    assert (folder / "messages.jsonl").stat().st_size == 400
    json.dumps(told(folder))


def test_the_worker_yields_to_the_portal(folder: Path, repository: Path) -> None:
    order(folder, work="tests.app.jobs.work:tell_manners")
    assert run(folder, repository).returncode == 0
    manners = told(folder)[-1]["result"]
    assert manners["nice"] >= 10 and manners["oom_score_adj"] >= 500
