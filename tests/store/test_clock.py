"""A clock that is set wrong makes nothing older, ends nothing early, and is believed when it stays so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from store.clock import BELIEVED_AFTER_S, EvenClock

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@dataclass
class Machine:
    """Its two clocks, in seconds."""

    path: Path
    day: float = NOON.timestamp()
    ticks: float = 1000.0

    def clock(self) -> EvenClock:
        return EvenClock(self.path, time_of_day=lambda: self.day, ticks=lambda: self.ticks)

    def wait(self, seconds: float) -> None:
        self.day += seconds
        self.ticks += seconds


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path / "clock.json")


def test_it_is_the_time_of_day_as_long_as_nobody_sets_that(machine: Machine) -> None:
    clock = machine.clock()
    machine.wait(60)
    assert clock.now() == clock.earliest() == NOON + timedelta(seconds=60)
    assert clock.step_due() == timedelta(0)


@pytest.mark.parametrize("step", [400 * DAY, -400 * DAY, timedelta(hours=1), -timedelta(hours=1)])
def test_a_step_moves_nothing_until_it_has_stood_for_a_day(machine: Machine, step: timedelta) -> None:
    clock = machine.clock()
    machine.day += step.total_seconds()
    assert clock.step_due() == timedelta(0)
    assert clock.now() == NOON
    assert clock.earliest() == NOON + min(step, timedelta(0))
    machine.wait(BELIEVED_AFTER_S - 1)
    assert clock.step_due() == timedelta(0)
    machine.wait(1)
    assert clock.step_due() == step
    before = clock.now()
    with clock.stepping(step):
        assert clock.now() == min(before, before + step)
    assert clock.now() == before + step == datetime.fromtimestamp(machine.day, UTC)
    assert clock.step_due() == timedelta(0)


def test_a_step_that_is_taken_back_is_forgotten(machine: Machine) -> None:
    clock = machine.clock()
    for _ in range(5):
        machine.day += 3600
        assert clock.step_due() == timedelta(0)
        machine.wait(BELIEVED_AFTER_S / 2)
        machine.day -= 3600
        assert clock.step_due() == timedelta(0)
        machine.wait(BELIEVED_AFTER_S / 2)
    assert clock.now() == datetime.fromtimestamp(machine.day, UTC)


def test_a_small_difference_is_followed_at_once(machine: Machine) -> None:
    clock = machine.clock()
    machine.day += 4
    assert clock.step_due() == timedelta(0)
    assert clock.now() == NOON + timedelta(seconds=4)


def test_a_step_whose_work_fails_is_not_taken(machine: Machine) -> None:
    clock = machine.clock()
    with pytest.raises(RuntimeError), clock.stepping(-DAY):
        raise RuntimeError
    assert clock.now() == NOON


def test_it_goes_on_over_a_restart_of_the_server(machine: Machine) -> None:
    machine.clock()
    machine.wait(100)
    machine.day += 30 * 86400
    assert machine.clock().now() == NOON + timedelta(seconds=100)


def test_a_restart_of_the_machine_begins_with_the_time_of_day(machine: Machine) -> None:
    machine.clock()
    machine.day, machine.ticks = (NOON + DAY).timestamp(), 10.0  # fewer seconds since boot than before
    assert machine.clock().now() == NOON + DAY
    machine.path.write_text(machine.path.read_text().replace('"boot_id": "', '"boot_id": "other'))
    machine.day += 50
    assert machine.clock().now() == NOON + DAY + timedelta(seconds=50)


@pytest.mark.parametrize("content", ["", "{}", "[1]", '{"boot_id": 1, "ticks": "x", "time": 2}'])
def test_a_file_that_cannot_be_read_is_made_anew(machine: Machine, content: str) -> None:
    machine.path.write_text(content)
    assert machine.clock().now() == NOON
    assert machine.clock().now() == NOON


def test_a_folder_that_cannot_be_written_stops_nothing(machine: Machine) -> None:
    machine.path = machine.path / "missing" / "clock.json"
    assert machine.clock().now() == NOON
