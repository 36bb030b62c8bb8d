"""Who gets in, who does not, what they are told, and what ends when it should."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from app.usecases import accounts
from app.usecases.accounts import Person
from app.usecases.passwords import WeakPassword
from app.usecases.refusals import Forbidden, NotFound, NotSignedIn, Refusal, TooManyAttempts
from app.wiring import Appliance
from store import audit, users
from store.clock import EvenClock
from store.table import now
from tests.app.usecases.doorstep import HOME, PASSWORD, Clock, ada, clock, door, let_in

pytestmark = pytest.mark.slow


__all__ = ["ada", "clock", "door"]

OTHER = "four other odd words"


def log_of(box: Appliance) -> list[tuple[str, str, str]]:
    return [(entry.who, entry.action, entry.outcome) for entry in reversed(audit.recent(box.db))]


def grow_old(box: Appliance, age: timedelta) -> None:
    """Make every session as old as if it had been opened so long ago."""
    with box.db.write() as tx:
        tx.execute("UPDATE sessions SET created_at = ?, seen_at = ?", (now() - age, now() - age))


@dataclass
class Machine:
    """The clocks of a machine, in seconds; people may set the first."""

    day: float = 1.8e9
    ticks: float = 1e3

    def within(self, box: Appliance) -> Appliance:
        """The same box on this machine."""
        path = box.folder.root / "another-clock.json"
        clock = EvenClock(path, time_of_day=lambda: self.day, ticks=lambda: self.ticks)
        return replace(box, clock=clock)

    def wait(self, seconds: float) -> None:
        self.day += seconds
        self.ticks += seconds


# ---------------------------------------------------------------- the first start


def test_the_setup_link_works_once(door: Appliance) -> None:
    token = accounts.setup_token(door)
    assert token is not None
    assert accounts.setup_token_is_good(door, token)
    who = accounts.create_first_admin(door, token, "Ada", PASSWORD, "")
    assert (who.name, who.display, who.role) == ("ada", "Ada", "admin")
    assert not accounts.setup_token_is_good(door, token)
    with pytest.raises(NotFound):
        accounts.create_first_admin(door, token, "eve", PASSWORD, "")
    assert accounts.setup_token(door) is None
    assert log_of(door) == [("ada", "account.setup", "done")]


def test_a_new_start_makes_the_old_link_worthless(door: Appliance) -> None:
    old, new = accounts.setup_token(door), accounts.setup_token(door)
    assert old is not None and new is not None
    assert not accounts.setup_token_is_good(door, old)
    assert accounts.setup_token_is_good(door, new)


@pytest.mark.parametrize("token", ["", "guess", "\ud800", "x" * 10_000])
def test_a_stranger_makes_no_administrator(door: Appliance, token: str) -> None:
    """SECURITY A05."""
    accounts.setup_token(door)
    with pytest.raises(NotFound):
        accounts.create_first_admin(door, token, "eve", PASSWORD, "")
    assert not users.has_admin(door.db)


def test_of_two_who_open_the_link_one_becomes_administrator(door: Appliance) -> None:
    token = accounts.setup_token(door)
    assert token is not None

    def set_up(name: str) -> bool:
        try:
            return bool(accounts.create_first_admin(door, token, name, PASSWORD, ""))
        except NotFound:
            return False

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(set_up, ["ada", "bob", "eve", "dan"])).count(True) == 1
    assert len(users.list(door.db)) == 1


@pytest.mark.parametrize(("name", "password"), [("a b", PASSWORD), ("ada", "short"), ("ada", "password1234")])
def test_a_bad_name_or_password_leaves_the_link_good(door: Appliance, name: str, password: str) -> None:
    token = accounts.setup_token(door)
    assert token is not None
    with pytest.raises(Refusal):
        accounts.create_first_admin(door, token, name, password, "")
    assert accounts.setup_token_is_good(door, token)


# ---------------------------------------------------------------- signing in


def test_who_knows_the_password_is_let_in(door: Appliance, ada: Person) -> None:
    token = let_in(door, " ADA ")
    assert accounts.person_of_session(door, token) == ada
    (session,) = accounts.sessions(door, ada, token)
    assert (session.address, session.agent, session.is_this) == (HOME, "test", True)
    assert log_of(door)[-1] == ("ada", "account.sign_in", "done")


def test_the_answer_is_the_same_for_a_wrong_name_and_a_wrong_password(door: Appliance, ada: Person) -> None:
    told = []
    for name, password in (
        ("ada", "wrong"),
        ("nobody", PASSWORD),
        ("", ""),
        ("ada", "x" * 1_000_000),
        ("\ud800", "\ud800"),
    ):
        with pytest.raises(NotSignedIn) as refusal:
            let_in(door, name, password)
        told.append((refusal.value.message, refusal.value.remedy))
    assert len(set(told)) == 1


def test_the_sixth_attempt_waits_even_with_the_right_password(
    door: Appliance, ada: Person, clock: Clock
) -> None:
    """SECURITY A01."""
    for _ in range(5):
        with pytest.raises(NotSignedIn):
            let_in(door, password="wrong")
    for _ in range(3):
        with pytest.raises(TooManyAttempts) as refusal:
            let_in(door)
        assert refusal.value.retry_after_s == 300
    assert log_of(door).count(("ada", "account.sign_in", "locked")) == 1
    assert let_in(door, address="192.0.2.99")
    clock.now += 300
    assert let_in(door)


def test_twenty_wrong_passwords_are_slowed_down(door: Appliance, ada: Person) -> None:
    outcomes = []
    for number in range(20):
        try:
            let_in(door, password=f"wrong {number}", address="198.51.100.7")
        except (NotSignedIn, TooManyAttempts) as error:
            outcomes.append(type(error))
    assert outcomes == [NotSignedIn] * 5 + [TooManyAttempts] * 15


def test_a_password_typed_as_a_name_is_not_written_down(door: Appliance, ada: Person) -> None:
    with pytest.raises(NotSignedIn):
        let_in(door, PASSWORD, "ada")
    assert PASSWORD not in str(audit.recent(door.db))


def test_nothing_secret_lies_in_the_data_folder_in_clear(door: Appliance, ada: Person) -> None:
    token = let_in(door)
    key = accounts.create_api_key(door, ada, name="k", scope="api")
    link = accounts.create_password_link(door, ada, "ada")
    door.db.read("CHECKPOINT")
    content = b"".join(path.read_bytes() for path in door.folder.root.glob("aimass.duckdb*"))
    content += b"".join(path.read_bytes() for path in door.folder.root.rglob("*.json*"))
    for secret in (PASSWORD, token, key.secret, key.secret[-32:], link):
        assert secret.encode() not in content
    assert b"ada" in content


def test_a_password_kept_in_an_older_way_is_renewed(
    door: Appliance, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = users.get(door.db, ada.id)
    assert before is not None
    monkeypatch.setattr(accounts.passwords, "is_outdated", lambda against: True)
    let_in(door)
    after = users.get(door.db, ada.id)
    assert after is not None
    assert after.password_hash != before.password_hash
    monkeypatch.undo()
    assert let_in(door)


# ---------------------------------------------------------------- sessions


def test_a_token_is_good_for_nothing_when_it_is_not_one(door: Appliance, ada: Person) -> None:
    """SECURITY A09."""
    token = let_in(door)
    flipped = ("A" if token[0] != "A" else "B") + token[1:]
    digest = hashlib.sha256(token.encode()).hexdigest()
    for wrong in ("", flipped, token[:-1], token + "A", digest, "\ud800", "x" * 100_000):
        assert accounts.person_of_session(door, wrong) is None


def test_a_session_ends_after_half_a_day_of_silence(door: Appliance, ada: Person, clock: Clock) -> None:
    token = let_in(door)
    with door.db.write() as tx:
        tx.execute("UPDATE sessions SET expires_at = ?", (now() - timedelta(seconds=1),))
    assert accounts.person_of_session(door, token) is None
    assert accounts.sessions(door, ada) == ()
    assert accounts.sweep(door) == 1


def test_use_keeps_a_session_alive_but_not_for_ever(door: Appliance, ada: Person) -> None:
    token = let_in(door)
    grow_old(door, timedelta(hours=11))
    assert accounts.person_of_session(door, token) == ada
    session = users.sessions(door.db, ada.id)[0]
    assert session.expires_at - session.seen_at == accounts.IDLE
    grow_old(door, timedelta(days=6, hours=20))
    door.doors.callers.clear()
    assert accounts.person_of_session(door, token) == ada
    session = users.sessions(door.db, ada.id)[0]
    assert session.expires_at - session.created_at == accounts.LONGEST


def test_a_session_is_dead_once_signed_out(door: Appliance, ada: Person) -> None:
    token, other = let_in(door), let_in(door)
    assert accounts.person_of_session(door, token) == ada
    accounts.sign_out(door, token)
    assert accounts.person_of_session(door, token) is None
    assert accounts.person_of_session(door, other) == ada
    accounts.sign_out(door, token)


def test_a_session_can_be_ended_from_another(door: Appliance, ada: Person) -> None:
    token, other = let_in(door), let_in(door)
    (lost,) = [session for session in accounts.sessions(door, ada, token) if not session.is_this]
    accounts.end_session(door, ada, lost.id)
    assert accounts.person_of_session(door, other) is None
    assert accounts.person_of_session(door, token) == ada
    with pytest.raises(NotFound):
        accounts.end_session(door, ada, lost.id)


def test_nobody_ends_anothers_session(door: Appliance, ada: Person) -> None:
    let_in(door)
    bob = accounts.add_user(door, ada, name="bob", password=OTHER).account
    other = Person(id=bob.id, name="bob", display="bob", role="member")
    assert accounts.sessions(door, other) == ()
    with pytest.raises(NotFound):
        accounts.end_session(door, other, accounts.sessions(door, ada)[0].id)


def test_a_known_session_asks_the_database_once_a_second(door: Appliance, ada: Person, clock: Clock) -> None:
    token = let_in(door)
    accounts.person_of_session(door, token)
    with door.db.write() as tx:
        users.update(tx, ada.id, display="Countess")
    assert accounts.person_of_session(door, token) == ada
    clock.now += 1.1
    fresh = accounts.person_of_session(door, token)
    assert fresh is not None
    assert fresh.display == "Countess"


# ---------------------------------------------------------------- passwords


def test_a_new_password_ends_the_other_sessions_at_once(door: Appliance, ada: Person) -> None:
    """SECURITY A08."""
    mine, stolen = let_in(door), let_in(door, address="203.0.113.5")
    assert accounts.person_of_session(door, stolen) == ada
    accounts.change_password(door, ada, PASSWORD, OTHER, token=mine)
    assert accounts.person_of_session(door, stolen) is None
    assert accounts.person_of_session(door, mine) == ada
    with pytest.raises(NotSignedIn):
        let_in(door)
    assert let_in(door, password=OTHER)


def test_a_new_password_needs_the_old_one_and_strength(door: Appliance, ada: Person) -> None:
    with pytest.raises(NotSignedIn):
        accounts.change_password(door, ada, "wrong", OTHER)
    with pytest.raises(WeakPassword):
        accounts.change_password(door, ada, PASSWORD, "password ada 1")
    for _ in range(5):
        with pytest.raises((NotSignedIn, TooManyAttempts)):
            accounts.change_password(door, ada, "wrong", OTHER)
    with pytest.raises(TooManyAttempts):
        accounts.change_password(door, ada, PASSWORD, OTHER)
    assert let_in(door)


def test_a_link_sets_a_password_once(door: Appliance, ada: Person) -> None:
    token = let_in(door)
    link = accounts.create_password_link(door, ada, "ADA")
    assert accounts.person_of_link(door, link) == ada
    with pytest.raises(WeakPassword):
        accounts.set_password(door, link, "short")
    assert accounts.set_password(door, link, OTHER) == ada
    assert accounts.person_of_session(door, token) is None
    assert accounts.person_of_link(door, link) is None
    with pytest.raises(NotFound):
        accounts.set_password(door, link, PASSWORD)
    assert let_in(door, password=OTHER)


def test_a_link_that_is_old_or_for_something_else_sets_nothing(door: Appliance) -> None:
    setup = accounts.setup_token(door)
    assert setup is not None
    assert accounts.person_of_link(door, setup) is None
    who = accounts.create_first_admin(door, setup, "ada", PASSWORD, "")
    link = accounts.create_password_link(door, who, "ada")
    assert not accounts.setup_token_is_good(door, link)
    with door.db.write() as tx:
        tx.execute("UPDATE links SET expires_at = ?", (now() - timedelta(seconds=1),))
    assert accounts.person_of_link(door, link) is None


def test_everybody_names_themselves(door: Appliance, ada: Person) -> None:
    token = let_in(door)
    assert accounts.change_display(door, ada, " <b>Ada</b> ").display == "<b>Ada</b>"
    who = accounts.person_of_session(door, token)
    assert who is not None
    assert who.display == "<b>Ada</b>"
    with pytest.raises(Refusal):
        accounts.change_display(door, ada, "a\nb")


def test_a_member_looks_after_nobody(door: Appliance, ada: Person) -> None:
    made = accounts.add_user(door, ada, name="bob", password=OTHER).account
    bob = Person(id=made.id, name="bob", display="bob", role="member")
    for forbidden in (
        lambda: accounts.list_users(door, bob),
        lambda: accounts.add_user(door, bob, name="eve"),
        lambda: accounts.create_password_link(door, bob, "ada"),
        lambda: accounts.disable_user(door, bob, "ada"),
        lambda: accounts.enable_user(door, bob, "ada"),
        lambda: accounts.set_role(door, bob, "bob", "admin"),
        lambda: accounts.unlock_user(door, bob, "bob"),
    ):
        with pytest.raises(Forbidden):
            forbidden()


# ---------------------------------------------------------------- a clock that is set


@pytest.mark.parametrize("days", [1, 400, -1, -400])
def test_a_clock_that_is_set_signs_nobody_out(door: Appliance, ada: Person, clock: Clock, days: int) -> None:
    """RELIABILITY F48."""
    machine = Machine()
    box = machine.within(door)
    token = let_in(box)
    machine.day += days * 86_400
    clock.now += 5  # what the door remembers of a caller is over
    assert accounts.person_of_session(box, token) == ada
    accounts.follow_clock(box)
    assert accounts.sweep(box) == 0
    for _ in range(13):  # every two hours, as somebody who works
        machine.wait(7200)
        clock.now += 7200
        accounts.follow_clock(box)
        accounts.sweep(box)
        assert accounts.person_of_session(box, token) == ada
    assert box.clock.now().timestamp() == machine.day  # by now the step is believed
    assert [session.is_this for session in accounts.sessions(box, ada, token)] == [True]


@pytest.mark.parametrize("days", [0, 1, -1])
def test_a_clock_that_is_set_keeps_nobody_in_for_longer(
    door: Appliance, ada: Person, clock: Clock, days: int
) -> None:
    machine = Machine()
    box = machine.within(door)
    token = let_in(box)
    machine.day += days * 86_400
    accounts.follow_clock(box)
    machine.wait(accounts.IDLE.total_seconds() + 1)
    clock.now += accounts.IDLE.total_seconds() + 1
    accounts.follow_clock(box)
    assert accounts.person_of_session(box, token) is None
    assert accounts.sweep(box) == 1


def test_a_link_outlives_a_clock_that_is_set(door: Appliance, ada: Person) -> None:
    machine = Machine()
    box = machine.within(door)
    token = accounts.create_password_link(box, ada, "ada")
    for step in (90 * 86_400, -200 * 86_400):
        machine.day += step
        accounts.follow_clock(box)
        machine.wait(25 * 3600)
        assert accounts.follow_clock(box) == timedelta(seconds=step)
        assert accounts.person_of_link(box, token) == ada
