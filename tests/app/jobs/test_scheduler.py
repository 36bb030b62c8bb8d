"""Looks and chores go on, whatever one of them does, and even when the thread behind them dies."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from apscheduler.triggers.base import BaseTrigger

from app.jobs import scheduler as module
from app.jobs.scheduler import Chore, Scheduler

pytestmark = pytest.mark.slow


def wait(is_so: Callable[[], object]) -> None:
    deadline = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


class Deadly(BaseTrigger):
    """Asked when it is due, it ends the thread that asks."""

    def get_next_fire_time(self, previous: object, now: object) -> None:
        if previous is not None:
            raise SystemExit
        return now  # type: ignore[return-value]


def test_looks_and_chores_are_done_again_and_again_despite_failures() -> None:
    done: list[str] = []

    def look() -> None:
        done.append("look")
        if len(done) == 1:
            raise ValueError("the first look fails")

    scheduler = Scheduler(look, (Chore(name="chore", every_s=0.1, work=lambda: done.append("chore")),))
    assert not scheduler.healthy()
    scheduler.start()
    try:
        wait(lambda: done.count("look") >= 3 and done.count("chore") >= 3)
        assert scheduler.healthy() and scheduler.restarts == 0
    finally:
        scheduler.close()
    count = len(done)
    time.sleep(0.7)
    assert len(done) == count and not scheduler.healthy()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_dead_thread_is_noticed_and_replaced() -> None:
    looks: list[float] = []
    scheduler = Scheduler(lambda: looks.append(time.monotonic()))
    scheduler.start()
    try:
        wait(lambda: looks)
        held = scheduler._scheduler
        assert held is not None
        held.add_job(lambda: None, trigger=Deadly())
        wait(lambda: scheduler.restarts == 1)
        count = len(looks)
        wait(lambda: len(looks) > count + 1)
        assert scheduler.healthy()
    finally:
        scheduler.close()


def test_a_look_that_hangs_is_no_health(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SILENCE_S", 1.0)
    scheduler = Scheduler(lambda: time.sleep(3.0))
    scheduler.start()
    try:
        assert scheduler.healthy()
        wait(lambda: not scheduler.healthy())
        wait(scheduler.healthy)
    finally:
        scheduler.close()


def test_a_clock_that_is_set_back_holds_nothing_up() -> None:
    looks: list[float] = []
    set_back = [0.0]
    scheduler = Scheduler(
        lambda: looks.append(time.monotonic()), time_of_day=lambda: time.time() - set_back[0]
    )
    scheduler.start()
    try:
        wait(lambda: looks)
        held = scheduler._scheduler
        assert held is not None
        # What an hour back does: all that is due, is due in an hour.
        set_back[0] = 3600.0
        held.modify_job("tick", next_run_time=datetime.now(UTC) + timedelta(hours=1))
        count = len(looks)
        wait(lambda: len(looks) > count + 2)
        assert scheduler.restarts == 0
    finally:
        scheduler.close()
