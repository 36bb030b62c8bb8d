"""Jobs from queued to ended, with real workers: nothing said is lost or doubled, whoever is killed when."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from app.jobs import attempts, supervisor
from app.jobs.failures import STILL
from app.jobs.kinds import KINDS, JobKind
from app.jobs.process import LifeLock, find_by_token, identify, read_holder
from app.jobs.supervisor import Supervisor
from store import jobs
from store.database import Database
from store.folder import DataFolder, lock_is_held
from store.jobs import JobRecord
from tests.app.jobs.conftest import PATIENCE_S, Bench
from tests.app.jobs.work import STUB_KINDS
from tests.runs import SETTINGS

pytestmark = pytest.mark.slow

MESSAGES = "messages.jsonl"
KINDS_HERE = (*KINDS, *STUB_KINDS)


class Clock:
    """The time as it is, or so many seconds ahead."""

    ahead_s = 0.0

    def __call__(self) -> float:
        return time.monotonic() + self.ahead_s


def worker_of(bench: Bench, job: JobRecord) -> int:
    holder = read_holder(bench.folder.job(job.id) / ".lock")
    assert holder is not None
    return holder.pid


def counted(bench: Bench, job: JobRecord) -> list[int]:
    return [event.event["number"] for event in bench.events(job) if event.kind == "counted"]


def wait(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def start_control(folder: DataFolder, *options: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "tests.app.jobs.control", str(folder.root), *options])


def test_a_job_is_queued_runs_and_succeeds(bench: Bench) -> None:
    job = bench.submit(count=3, share=0.5)
    assert (job.state, job.attempt, job.title) == ("queued", 1, "A piece of work")
    done = bench.until_state(job, "succeeded")
    assert done.result["begun"] == 1 and done.share == 1.0 and done.error_class is None
    assert done.started_at is not None and done.finished_at is not None
    told = bench.events(job)
    assert [event.seq for event in told] == list(range(1, len(told) + 1))
    assert counted(bench, job) == [0, 1, 2]
    assert told[0].kind == "worker_started" and told[-1].kind == "job_ended"


def test_progress_is_seen_while_it_runs(bench: Bench, tmp_path: Path) -> None:
    job = bench.submit(share=0.5, wait_for=str(tmp_path / "go"))
    bench.tick_until(lambda: bench.job(job).share == 0.5)
    assert bench.job(job).note == "Half way"
    (tmp_path / "go").touch()
    assert bench.until_state(job, "succeeded").note is None


def test_asking_twice_is_asking_once(bench: Bench) -> None:
    first = bench.submit()
    assert bench.submit().id == first.id
    assert bench.submit(subject="thing:2").id != first.id
    bench.until_state(first, "succeeded")
    assert bench.submit().id != first.id


def test_a_lane_takes_no_more_than_its_places(bench: Bench, tmp_path: Path) -> None:
    first, second = (bench.submit("long", f"thing:{i}", wait_for=str(tmp_path / "go")) for i in range(2))
    quick = bench.submit("stub", "thing:3")
    bench.until_state(quick, "succeeded")
    assert (bench.job(first).state, bench.job(second).state) == ("running", "queued")
    (tmp_path / "go").touch()
    bench.until_state(second, "succeeded")


def test_two_jobs_never_work_on_one_thing(bench: Bench, tmp_path: Path) -> None:
    first = bench.submit("stub", wait_for=str(tmp_path / "go"))
    second = bench.submit("long")
    bench.until_event(first, "worker_started")
    bench.supervisor.tick()
    assert bench.job(second).state == "queued"
    (tmp_path / "go").touch()
    bench.until_state(second, "succeeded")


@pytest.mark.parametrize(
    ("error", "error_class", "words"),
    [
        ("user", "USER", "The table is empty."),
        ("space", "RESOURCE", "The disk is full"),
        ("os", "RESOURCE", "The disk is full"),
        ("memory", "RESOURCE", "memory"),
        ("bug", "BUG", "ZeroDivisionError"),
    ],
)
def test_an_error_is_told_by_its_kind_and_the_trace_stays_in_the_log(
    bench: Bench, error: str, error_class: str, words: str
) -> None:
    failed = bench.until_state(bench.submit(**{"raise": error}), "failed", "succeeded")
    assert (failed.state, failed.error_class) == ("failed", error_class)
    assert words in failed.message and failed.remedy
    assert "Traceback" not in json.dumps([event.event for event in bench.events(failed)])
    log = (bench.folder.job(failed.id) / "log.txt").read_text()
    assert "Traceback (most recent call last)" in log and "words for the log" in log


def test_another_attempt_goes_on_in_the_same_folder(bench: Bench) -> None:
    job = bench.submit(**{"raise": "space", "count": 2})
    first = bench.until_state(job, "failed")
    again = bench.supervisor.retry(job.id)
    assert again is not None and (again.state, again.attempt, again.message) == ("queued", 2, None)
    done = bench.until_state(job, "succeeded")
    assert done.result["begun"] == 2 and done.token != first.token
    assert counted(bench, job) == [0, 1, 0, 1]
    assert [event.attempt for event in bench.events(job) if event.kind == "counted"] == [1, 1, 2, 2]
    unchanged = bench.supervisor.retry(job.id)
    assert unchanged is not None and unchanged.state == "succeeded"


def test_what_an_old_attempt_says_late_is_not_heard(bench: Bench, tmp_path: Path) -> None:
    job = bench.submit(**{"raise": "user", "wait_for": str(tmp_path / "go")})
    old = bench.until_state(job, "failed")
    bench.supervisor.retry(job.id)
    bench.until_event(job, "worker_started")
    bench.tick_until(lambda: bench.job(job).state == "running" and bench.job(job).token != old.token)
    late = {"n": 9, "token": old.token, "at": "2026-01-01T00:00:00+00:00"}
    outcome = {**late, "event": {"event": "outcome", "state": "failed", "message": "I am late."}}
    with (bench.folder.job(job.id) / MESSAGES).open("a") as file:
        file.write(json.dumps(outcome) + "\n")
    (tmp_path / "go").touch()
    assert bench.until_state(job, "succeeded", "failed").state == "succeeded"
    assert "I am late." not in json.dumps([event.event for event in bench.events(job)])


def test_a_killed_worker_is_lost_and_says_by_which_signal(bench: Bench, tmp_path: Path) -> None:
    job = bench.submit(count=2, wait_for=str(tmp_path / "go"))
    bench.until_event(job, "counted")
    os.kill(worker_of(bench, job), signal.SIGKILL)
    start = time.monotonic()
    lost = bench.until_state(job, "lost")
    assert time.monotonic() - start < 10
    assert lost.error_class == "INFRA" and "SIGKILL" in lost.message and lost.remedy
    bench.supervisor.retry(job.id)
    (tmp_path / "go").touch()
    assert bench.until_state(job, "succeeded").result == {
        "begun": 2,
        "attempt": 2,
        "cwd": str(bench.folder.job(job.id)),
    }


def test_a_worker_that_crashes_names_its_signal(bench: Bench) -> None:
    lost = bench.until_state(bench.submit(signal="SIGSEGV"), "lost")
    assert lost.error_class == "INFRA" and "SIGSEGV" in lost.message


def test_a_worker_that_just_ends_is_a_fault_of_ours(bench: Bench) -> None:
    failed = bench.until_state(bench.submit(exit=3), "failed")
    assert failed.error_class == "BUG" and "code 3" in failed.message


def test_a_torn_last_line_is_passed_over_and_never_glued_to(bench: Bench) -> None:
    job = bench.submit(torn=True, signal="SIGKILL", count=1)
    bench.until_state(job, "lost")
    bench.supervisor.retry(job.id)
    bench.until_state(job, "succeeded")
    assert [event.kind for event in bench.events(job)].count("worker_started") == 2


def test_what_waits_is_cancelled_at_once(bench: Bench) -> None:
    job = bench.submit()
    cancelled = bench.supervisor.cancel(job.id)
    assert cancelled is not None and cancelled.state == "cancelled" and cancelled.finished_at is not None
    bench.supervisor.tick()
    assert bench.job(job).state == "cancelled" and not (bench.folder.job(job.id) / MESSAGES).exists()


def test_what_runs_is_cancelled_by_its_own_word(bench: Bench, tmp_path: Path) -> None:
    job = bench.submit(wait_for=str(tmp_path / "never"), count=1)
    bench.until_event(job, "counted")
    bench.supervisor.cancel(job.id)
    cancelled = bench.until_state(job, "cancelled")
    assert cancelled.error_class is None and "cancelled" in cancelled.message


def test_a_worker_that_is_told_to_stop_from_outside_is_cancelled(bench: Bench, tmp_path: Path) -> None:
    job = bench.submit(wait_for=str(tmp_path / "never"), count=1)
    bench.until_event(job, "counted")
    os.kill(worker_of(bench, job), signal.SIGTERM)
    assert bench.until_state(job, "cancelled").state == "cancelled"


def test_a_worker_that_hears_nothing_is_made_to_end(bench: Bench) -> None:
    clock = Clock()
    bench.restart(clock=clock)
    job = bench.submit("deaf")
    bench.until_event(job, "deaf")
    bench.supervisor.cancel(job.id)
    bench.supervisor.tick()
    assert bench.job(job).state == "running"
    clock.ahead_s = 60.0
    assert bench.until_state(job, "cancelled").cancel_requested_at is not None


def test_a_worker_that_hangs_is_remarked_upon_and_after_an_hour_ended(bench: Bench) -> None:
    clock = Clock()
    bench.restart(clock=clock)
    job = bench.submit("deaf")
    bench.until_event(job, "deaf")
    bench.supervisor.tick()
    assert bench.job(job).note is None
    clock.ahead_s = 700.0
    bench.tick_until(lambda: bench.job(job).note == STILL)
    assert bench.job(job).state == "running"
    clock.ahead_s = 4000.0
    lost = bench.until_state(job, "lost", "failed")
    assert (lost.state, lost.error_class) == ("lost", "INFRA") and "no sign of life" in lost.message
    # The log says where it hung.
    assert "in be_deaf" in (bench.folder.job(job.id) / "log.txt").read_text()


def test_a_worker_that_works_in_silence_does_not_hang(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "STILL_S", 1.5)
    monkeypatch.setattr(attempts, "STILL_EVERY_S", 0.3)
    job = bench.submit("long", burn=str(tmp_path / "done"), count=1)
    bench.until_event(job, "counted")
    until = time.monotonic() + 3.0
    while time.monotonic() < until:
        bench.supervisor.tick()
        assert bench.job(job).note is None
        time.sleep(0.05)
    (tmp_path / "done").touch()
    assert bench.until_state(job, "succeeded").attempt == 1


def test_a_worker_that_works_again_is_remarked_upon_no_more(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "STILL_S", 0.5)
    monkeypatch.setattr(attempts, "STILL_EVERY_S", 0.3)
    job = bench.submit("long", wait_for=str(tmp_path / "on"), burn=str(tmp_path / "done"))
    bench.tick_until(lambda: bench.job(job).note == STILL)
    (tmp_path / "on").touch()
    bench.tick_until(lambda: bench.job(job).note is None)
    (tmp_path / "done").touch()
    assert bench.until_state(job, "succeeded").attempt == 1


def test_a_worker_without_a_sign_of_life_is_given_up(bench: Bench, tmp_path: Path) -> None:
    bench.restart(startup_s=1.0)
    job = bench.submit()
    folder = bench.folder.job(job.id)
    folder.mkdir(parents=True)
    lock = LifeLock(folder / ".lock")
    assert lock.take()
    try:
        lost = bench.until_state(job, "lost", "failed", "succeeded")
    finally:
        lock.close()
    assert lost.state == "lost" and "never began" in lost.message


def test_a_job_whose_folder_vanished_is_lost_and_its_worker_ended(bench: Bench, tmp_path: Path) -> None:
    job = bench.submit(wait_for=str(tmp_path / "never"), count=1)
    bench.until_event(job, "counted")
    bench.supervisor.tick()
    pid = worker_of(bench, job)
    shutil.rmtree(bench.folder.job(job.id))
    lost = bench.until_state(job, "lost")
    assert "folder is gone" in lost.message and identify(pid) is None


def test_a_disk_that_is_full_at_start_is_said_so(bench: Bench) -> None:
    job = bench.submit()
    # A file where the job's folder should be: the system refuses the start as a full disk does.
    bench.folder.job(job.id).write_text("")
    failed = bench.until_state(job, "failed")
    assert failed.error_class == "RESOURCE" and "refused to start" in failed.message


def test_nothing_new_starts_on_a_disk_that_is_nearly_full(bench: Bench) -> None:
    bench.restart(reserve_bytes=1 << 62)
    job = bench.submit()
    bench.supervisor.tick()
    assert (bench.job(job).state, bench.job(job).note) == ("queued", "Waits for room on the disk.")
    bench.restart()
    assert bench.until_state(job, "succeeded", "failed").state == "succeeded"


def test_a_restart_in_place_still_knows_how_a_worker_ended(bench: Bench, tmp_path: Path) -> None:
    job = bench.submit(count=1, wait_for=str(tmp_path / "never"))
    bench.until_event(job, "counted")
    assert bench.restart().adopt() == (job.id,)
    os.kill(worker_of(bench, job), signal.SIGKILL)
    assert "SIGKILL" in bench.until_state(job, "lost").message


def test_a_loud_worker_keeps_a_bounded_log(bench: Bench) -> None:
    job = bench.until_state(bench.submit(noise_bytes=20_000_000), "succeeded")
    bench.supervisor.tick()
    assert (bench.folder.job(job.id) / "log.txt").stat().st_size < 7_000_000


def test_work_of_a_newer_version_fails_clearly(bench: Bench) -> None:
    job = bench.submit()
    bench.supervisor.close()
    bench.supervisor = Supervisor(bench.db, bench.folder, SETTINGS)
    failed = bench.until_state(job, "failed")
    assert "knows no such work" in failed.message


def test_a_job_that_cannot_even_be_begun_fails_once_and_holds_nobody_up(bench: Bench) -> None:
    """Its order cannot be written: an error that nobody foresaw."""
    odd = JobKind(name="odd", title="Odd", lane="quick", work=object())  # type: ignore[arg-type]
    bench.kinds = (*bench.kinds, odd)
    bench.restart()
    broken, sound = bench.submit("odd", subject="thing:1"), bench.submit(subject="thing:2")
    bench.supervisor.tick()
    failed = bench.job(broken)
    assert (failed.state, failed.error_class, failed.attempt) == ("failed", "BUG", 1)
    assert failed.message == "The work could not be begun (TypeError)." and failed.remedy
    assert bench.until_state(sound, "succeeded", "lost", "failed").state == "succeeded"
    for _ in range(3):
        bench.supervisor.tick()
    assert [event.kind for event in bench.events(broken)] == ["job_ended"]
    bench.supervisor.retry(broken.id)
    bench.supervisor.tick()
    assert (bench.job(broken).state, bench.job(broken).attempt) == ("failed", 2)


def test_a_job_whose_settling_breaks_ends_all_the_same(bench: Bench) -> None:
    odd = replace(
        next(kind for kind in bench.kinds if kind.name == "stub"), name="odd", settle="app.jobs.kinds:nothing"
    )
    bench.kinds = (*bench.kinds, odd)
    bench.restart()
    job = bench.submit("odd")
    done = bench.until_state(job, "succeeded", "failed", "lost")
    assert (done.state, done.error_class) == ("failed", "BUG")


def test_a_result_that_cannot_be_settled_is_no_success(bench: Bench) -> None:
    """Nobody is told that all went well; a job that was called off stays so."""
    failed = bench.until_state(bench.submit("unsettled"), "failed", "succeeded")
    assert (failed.state, failed.error_class) == ("failed", "BUG") and failed.remedy
    cancelled = bench.supervisor.cancel(bench.submit("unsettled").id)
    assert cancelled is not None and cancelled.state == "cancelled"


def test_a_new_life_adopts_living_workers_and_loses_no_word(bench: Bench, tmp_path: Path) -> None:
    job = bench.submit(count=40, pause_s=0.02, wait_for=str(tmp_path / "go"))
    bench.until_event(job, "counted")
    pid = worker_of(bench, job)
    for _ in range(3):
        assert bench.restart().adopt() == (job.id,)
        bench.supervisor.tick()
    assert worker_of(bench, job) == pid
    (tmp_path / "go").touch()
    bench.until_state(job, "succeeded")
    assert counted(bench, job) == list(range(40))


def test_a_worker_that_ended_unwatched_is_seen_to_have_succeeded(bench: Bench) -> None:
    job = bench.submit(count=5)
    bench.supervisor.tick()
    wait(lambda: lock_is_held(bench.folder.job(job.id) / ".lock"))
    wait(lambda: not lock_is_held(bench.folder.job(job.id) / ".lock"))
    bench.restart()
    assert bench.until_state(job, "succeeded", "lost").state == "succeeded"
    assert counted(bench, job) == list(range(5))


def test_kill_9_of_the_control_process_costs_nothing(tmp_path: Path) -> None:
    """Twice in the middle of a job: the same worker goes on, and its events have no gap and no double."""
    folder = DataFolder(tmp_path / "data")
    with Database.open(folder) as db:
        job = Supervisor(db, folder, SETTINGS, kinds=KINDS_HERE).submit(
            "stub",
            subject="thing:1",
            title="Long",
            created_by="wang",
            arguments={"count": 150, "pause_s": 0.02},
        )
    pids = set()
    for _ in range(2):
        control = start_control(folder)
        lock = folder.job(job.id) / ".lock"
        wait(lambda lock=lock: lock_is_held(lock) and read_holder(lock) is not None)  # type: ignore[misc]
        time.sleep(0.6)
        holder = read_holder(lock)
        assert holder is not None
        pids.add(holder.pid)
        control.kill()
        control.wait()
        assert lock_is_held(lock)
    with Database.open(folder) as db:
        supervisor = Supervisor(db, folder, SETTINGS, kinds=KINDS_HERE)
        bench = Bench(folder, db, supervisor)
        supervisor.adopt()
        done = bench.until_state(job, "succeeded", "lost", "failed")
        assert done.state == "succeeded" and done.result["begun"] == 1 and len(pids) == 1
        assert counted(bench, job) == list(range(150))
        told = bench.events(job)
        assert [event.seq for event in told] == list(range(1, len(told) + 1))


def test_a_control_process_that_dies_right_after_a_start_finds_its_worker_again(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    with Database.open(folder) as db:
        bench = Bench(folder, db, Supervisor(db, folder, SETTINGS, kinds=KINDS_HERE))
        job = bench.submit(count=3)
    assert start_control(folder, "--die-after-start").wait() == -signal.SIGKILL
    with Database.open(folder) as db:
        bench = Bench(folder, db, Supervisor(db, folder, SETTINGS, kinds=KINDS_HERE))
        assert bench.job(job).state == "running"
        bench.supervisor.adopt()
        done = bench.until_state(job, "succeeded", "lost", "failed")
        assert (done.state, done.attempt, done.result["begun"]) == ("succeeded", 1, 1)


def test_a_start_that_never_came_to_be_is_made_again(bench: Bench) -> None:
    """The row said running, then the machine lost power: no worker of this attempt was ever there."""
    job = bench.submit()
    with bench.db.write() as tx:
        jobs.update(tx, job.id, state="running", token="0" * 32)
    bench.restart().adopt()
    done = bench.until_state(job, "succeeded", "lost", "failed")
    assert (done.state, done.attempt) == ("succeeded", 1)


def test_workers_that_nobody_knows_are_ended_at_start(bench: Bench, tmp_path: Path) -> None:
    job = bench.submit(wait_for=str(tmp_path / "never"), count=1)
    bench.until_event(job, "counted")
    pid, token = worker_of(bench, job), bench.job(job).token
    with bench.db.write() as tx:
        jobs.update(tx, job.id, state="cancelled")
    bench.restart().adopt()
    wait(lambda: identify(pid) is None)
    assert find_by_token(token) is None


def test_the_control_process_never_loads_what_trains_or_serves(repository: Path) -> None:
    program = (
        "import sys, app.jobs.supervisor, app.jobs.scheduler, app.jobs.settle, app.jobs.sweep\n"
        "import app.usecases.jobs, app.usecases.datasets, app.usecases.predictions, app.wiring\n"
        "from app.jobs.kinds import KINDS, resolve\n"
        "for kind in KINDS: kind.settle and resolve(kind.settle)\n"
        "heavy = {'tensorflow', 'keras', 'sklearn', 'lightgbm', 'onnxruntime', 'scipy', 'matplotlib', 'pandas'}\n"
        "handlers = [name for name in sys.modules if name.startswith('app.jobs.handlers')]\n"
        "print(*sorted(heavy & set(sys.modules)), *handlers)"
    )
    result = subprocess.run(
        [sys.executable, "-c", program], cwd=repository, capture_output=True, text=True, check=False
    )
    assert (result.returncode, result.stdout.split()) == (0, []), result.stderr
