"""What the machine's own console may ask; every answer is JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.usecases import accounts
from app.usecases.accounts import Person
from app.usecases.console import VERBS, perform
from app.usecases.refusals import NotFound, Refusal
from app.wiring import Appliance
from store import audit
from tests.app.usecases.doorstep import ada, clock, door, let_in

__all__ = ["ada", "clock", "door"]

pytestmark = pytest.mark.slow


def test_somebody_is_added_and_gets_in_by_the_link(door: Appliance, ada: Person) -> None:
    made = perform(door, "user add", {"name": "Bob", "display": "Bob B.", "role": "member"})
    address, _, token = made["link"].rpartition("/")
    assert address == f"{door.serve.address}/password"
    accounts.set_password(door, token, "four other odd words")
    assert let_in(door, "bob", "four other odd words")
    assert [(user["name"], user["has_password"]) for user in perform(door, "user list", {})] == [
        ("ada", True),
        ("bob", True),
    ]
    assert "console" in {entry.who for entry in audit.recent(door.db)}


def test_the_console_can_always_unlock(door: Appliance, ada: Person) -> None:
    """SECURITY A01."""
    for _ in range(6):
        with pytest.raises(Refusal):
            let_in(door, password="wrong")
    perform(door, "user unlock", {"name": "ADA"})
    assert let_in(door)


def test_every_verb_answers_in_json(door: Appliance, ada: Person, tmp_path: Path) -> None:
    perform(door, "user add", {"name": "bob"})
    given = {"name": "bob", "role": "admin", "target": str(tmp_path / "copy")}
    told = {verb: perform(door, verb, given) for verb in VERBS if verb != "user add"}
    assert json.loads(json.dumps(told)) == told
    assert told["user role"]["role"] == "admin"
    assert told["user disable"]["disabled_at"] is not None
    assert told["user enable"]["disabled_at"] is None


def test_other_verbs_are_refused(door: Appliance) -> None:
    with pytest.raises(NotFound):
        perform(door, "user erase", {"name": "ada"})
