"""Administrators let people in and shut them out, and can never shut out the last of themselves."""

from __future__ import annotations

import pytest

from app.usecases import accounts
from app.usecases.accounts import CONSOLE, Person
from app.usecases.people import (
    add_user,
    create_password_link,
    disable_user,
    enable_user,
    list_users,
    set_role,
    unlock_user,
)
from app.usecases.refusals import Conflict, NotFound, NotSignedIn, Refusal
from app.wiring import Appliance
from tests.app.usecases.doorstep import ada, clock, door, let_in

pytestmark = pytest.mark.slow


__all__ = ["ada", "clock", "door"]

OTHER = "four other odd words"


def test_somebody_new_chooses_their_own_password(door: Appliance, ada: Person) -> None:
    made = add_user(door, ada, name="Bob", display="Bob B.")
    assert made.token is not None
    assert (made.account.name, made.account.role, made.account.has_password) == ("bob", "member", False)
    with pytest.raises(NotSignedIn):
        let_in(door, "bob", "-")
    accounts.set_password(door, made.token, OTHER)
    assert let_in(door, "bob", OTHER)
    listed = {account.name: account for account in list_users(door, ada)}
    assert list(listed) == ["ada", "bob"]
    assert listed["bob"].has_password
    assert listed["bob"].seen_at is not None
    assert listed["ada"].seen_at is None


def test_a_name_is_given_once(door: Appliance, ada: Person) -> None:
    with pytest.raises(Conflict):
        add_user(door, ada, name="ADA")
    with pytest.raises(Refusal):
        add_user(door, ada, name="bob", role="owner")  # type: ignore[arg-type]
    with pytest.raises(Refusal):
        add_user(door, ada, name="bob", password="short")
    assert [account.name for account in list_users(door, ada)] == ["ada"]


def test_whoever_is_disabled_is_out_at_once(door: Appliance, ada: Person) -> None:
    """SECURITY A08, A14."""
    bob = add_user(door, ada, name="bob", password=OTHER).account
    person = Person(id=bob.id, name="bob", display="bob", role="member")
    token = let_in(door, "bob", OTHER)
    key = accounts.create_api_key(door, person, name="k", scope="api")
    link = create_password_link(door, ada, "bob")
    assert accounts.person_of_session(door, token) == person
    assert disable_user(door, ada, "bob").disabled_at is not None
    assert accounts.person_of_session(door, token) is None
    assert accounts.person_of_key(door, key.secret) is None
    assert accounts.person_of_link(door, link) is None
    with pytest.raises(NotSignedIn):
        let_in(door, "bob", OTHER)
    assert enable_user(door, ada, "bob").disabled_at is None
    assert accounts.person_of_session(door, token) is None
    assert let_in(door, "bob", OTHER)
    assert accounts.person_of_key(door, key.secret) == person


def test_the_last_administrator_stays(door: Appliance, ada: Person) -> None:
    """SECURITY H04."""
    for refused in (
        lambda: disable_user(door, ada, "ada"),
        lambda: disable_user(door, CONSOLE, "ada"),
        lambda: set_role(door, ada, "ada", "member"),
    ):
        with pytest.raises(Conflict):
            refused()
    add_user(door, ada, name="bob", role="admin", password=OTHER)
    assert set_role(door, ada, "ada", "member").role == "member"
    with pytest.raises(Conflict):
        set_role(door, CONSOLE, "bob", "member")


def test_a_changed_role_counts_at_once(door: Appliance, ada: Person) -> None:
    add_user(door, ada, name="bob", password=OTHER)
    token = let_in(door, "bob", OTHER)
    before = accounts.person_of_session(door, token)
    set_role(door, ada, "bob", "admin")
    after = accounts.person_of_session(door, token)
    assert before is not None and after is not None
    assert (before.role, after.role) == ("member", "admin")


def test_whoever_tried_too_often_can_be_let_in_again(door: Appliance, ada: Person) -> None:
    for _ in range(6):
        with pytest.raises(Refusal):
            let_in(door, password="wrong")
    unlock_user(door, CONSOLE, "ada")
    assert let_in(door)


def test_nobody_is_a_sentence(door: Appliance, ada: Person) -> None:
    for missing in (create_password_link, disable_user, enable_user, unlock_user):
        with pytest.raises(NotFound, match="no user 'eve'"):
            missing(door, ada, "eve")
