"""One attempt's worker: started with what it needs and no more, seen by its lock, ended for good."""

from __future__ import annotations

import signal
import stat
import time
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from app.jobs.attempts import Attempts
from app.jobs.process import identify, read_holder
from engine.files import read_json
from store.folder import DataFolder
from store.identifiers import new_id
from store.jobs import JobRecord
from store.table import now
from tests.app.jobs.test_process import wait
from tests.app.jobs.work import STUB_KINDS
from tests.runs import SETTINGS

pytestmark = pytest.mark.slow


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    made = DataFolder(tmp_path / "data")
    made.create()
    return made


def a_job(token: str = "a" * 32, **arguments: object) -> JobRecord:
    return JobRecord(
        id=new_id(),
        kind="stub",
        subject="thing:1",
        title="t",
        lane="quick",
        state="running",
        token=token,
        arguments=dict(arguments),
        created_by="wang",
        created_at=now(),
    )


def test_a_worker_is_told_everything_in_a_private_folder(folder: DataFolder, tmp_path: Path) -> None:
    attempts, job = Attempts(folder, SETTINGS), a_job(wait_for=str(tmp_path / "go"))
    attempts.start(job, STUB_KINDS[0])
    files = attempts.files(job)
    told = read_json(files.order)
    assert told["token"] == job.token and told["settings"] == asdict(SETTINGS)
    assert stat.S_IMODE(files.folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(files.log.stat().st_mode) == 0o600
    wait(lambda: read_holder(files.lock))
    holder = read_holder(files.lock)
    assert holder is not None and holder.token == job.token
    environment = Path(f"/proc/{holder.pid}/environ").read_bytes().split(b"\0")
    assert f"TMPDIR={files.temporary.resolve()}".encode() in environment
    assert attempts.look(job).is_alive and Attempts(folder, SETTINGS).look(job).is_alive
    (tmp_path / "go").touch()
    wait(lambda: not attempts.look(job).is_alive)


def test_a_name_in_the_job_folder_is_never_imported(folder: DataFolder, tmp_path: Path) -> None:
    attempts, job = Attempts(folder, SETTINGS), a_job()
    attempts.files(job).folder.mkdir()
    (attempts.files(job).folder / "json.py").write_text("open('taken', 'w')")
    attempts.start(job, STUB_KINDS[0])
    wait(lambda: not attempts.look(job).is_alive)
    assert not (attempts.files(job).folder / "taken").exists()
    assert '"succeeded"' in attempts.files(job).messages.read_text()


def test_two_workers_never_work_in_one_folder(folder: DataFolder, tmp_path: Path) -> None:
    """The worker of an attempt that was taken for dead lives: it is ended, and the new one waits for that."""
    attempts, job = Attempts(folder, SETTINGS), a_job(wait_for=str(tmp_path / "go"))
    attempts.start(job, STUB_KINDS[0])
    wait(lambda: read_holder(attempts.files(job).lock))
    old = read_holder(attempts.files(job).lock)
    assert old is not None
    later = replace(job, token="b" * 32, attempt=2)
    attempts.start(later, STUB_KINDS[0])
    wait(lambda: attempts.look(later) and identify(old.pid) is None)

    def taken_over() -> bool:
        holder = read_holder(attempts.files(job).lock)
        return holder is not None and holder.token == later.token

    wait(taken_over)
    assert attempts.look(later).is_alive
    attempts.kill(later)
    wait(lambda: not attempts.look(later).is_alive)


def test_a_straggler_of_an_old_attempt_leaves_at_once(folder: DataFolder) -> None:
    """It comes to the lock first, but what it reads there is not meant for it."""
    attempts, job = Attempts(folder, SETTINGS), a_job()
    attempts.start(job, STUB_KINDS[0])
    order = attempts.files(job).order
    order.write_text(order.read_text().replace(job.token, "c" * 32))
    wait(lambda: not attempts.look(job).is_alive)
    assert (
        not attempts.files(job).messages.exists() or "begun" not in attempts.files(job).messages.read_text()
    )
    assert not (attempts.files(job).folder / "begun").exists()


def test_a_stopped_worker_ends_and_a_deaf_one_too(folder: DataFolder) -> None:
    ahead = [0.0]
    attempts = Attempts(folder, SETTINGS, clock=lambda: time.monotonic() + ahead[0])
    job = a_job()
    attempts.start(job, STUB_KINDS[2])
    wait(lambda: attempts.files(job).messages.exists() and "deaf" in attempts.files(job).messages.read_text())
    assert attempts.look(job).is_alive
    attempts.stop(job)
    time.sleep(0.3)
    assert attempts.look(job).is_alive
    ahead[0] = 60.0
    attempts.stop(job)
    wait(lambda: not attempts.look(job).is_alive)
    failure = attempts.look(job).failure
    assert failure is not None and signal.SIGKILL.name in failure.message
