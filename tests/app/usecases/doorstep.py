"""An empty box with a clock of its own at the door, and its first administrator."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from app import wiring
from app.doors import CallerMemory, Doors, SignInThrottle
from app.settings import ServeSettings, Settings
from app.usecases import accounts, passwords
from app.usecases.accounts import Person
from app.wiring import Appliance
from store.folder import DataFolder

PASSWORD = "tin bridge slow owl"
HOME = "192.0.2.1"
#: The same argon2id with the least work: what it costs by default is what a test of the door would spend its time on.
QUICK_HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def door(tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Appliance]:
    """A box that nobody has set up."""
    monkeypatch.setattr(passwords, "_hasher", QUICK_HASHER)
    settings = Settings(threads=1, memory_gib=0.5)
    opened = wiring.build(DataFolder(tmp_path / "data"), settings, ServeSettings())
    opened.doors.sign_ins = SignInThrottle(clock)
    opened.doors.callers = CallerMemory(_clock=clock)
    assert isinstance(opened.doors, Doors)
    yield opened
    opened.jobs.close()
    opened.db.close()


@pytest.fixture
def ada(door: Appliance) -> Person:
    """The first administrator."""
    token = accounts.setup_token(door)
    assert token is not None
    return accounts.create_first_admin(door, token, "Ada", PASSWORD, "Ada L.")


def let_in(box: Appliance, name: str = "ada", password: str = PASSWORD, address: str = HOME) -> str:
    """Sign somebody in and return the token."""
    return accounts.sign_in(box, name, password, address=address, agent="test")
