"""A key opens what it was made for, for as long as it and its owner stand."""

from __future__ import annotations

import re

import pytest

from app.usecases.accounts import Person, add_user, disable_user, person_of_session
from app.usecases.api_keys import (
    create_api_key,
    key_digest,
    list_api_keys,
    living_keys,
    person_of_key,
    revoke_api_key,
)
from app.usecases.refusals import Conflict, Forbidden, NotFound, Refusal
from app.wiring import Appliance
from store import audit, services, users
from store.services import Service
from store.table import now
from tests.app.usecases.doorstep import ada, clock, door

pytestmark = pytest.mark.slow


__all__ = ["ada", "clock", "door"]


@pytest.fixture
def bob(door: Appliance, ada: Person) -> Person:
    made = add_user(door, ada, name="bob").account
    return Person(id=made.id, name=made.name, display=made.display, role=made.role)


def test_a_key_acts_for_its_owner(door: Appliance, bob: Person) -> None:
    made = create_api_key(door, bob, name="nightly job", scope="api")
    assert re.fullmatch(r"aim_[0-9a-z]{8}_[0-9a-z]{32}", made.secret)
    assert made.record.secret_hash == key_digest(made.secret)
    assert made.secret not in str(made.record)
    assert person_of_key(door, made.secret) == bob
    kept = users.key(door.db, made.record.id)
    assert kept is not None
    assert kept.last_used_at is not None
    assert made.secret not in str(audit.recent(door.db))


def test_no_other_text_is_a_key(door: Appliance, bob: Person) -> None:
    secret = create_api_key(door, bob, name="k", scope="api").secret
    other = create_api_key(door, bob, name="k2", scope="api").secret
    mixed = secret[:13] + other[13:]
    flipped = secret[:-1] + ("0" if secret[-1] != "0" else "1")
    for wrong in (
        "",
        "aim_",
        mixed,
        flipped,
        secret.upper(),
        secret + "\n",
        f" {secret}",
        key_digest(secret),
        "\ud800",
    ):
        assert person_of_key(door, wrong) is None


def test_a_key_for_asking_services_opens_nothing_else(door: Appliance, bob: Person) -> None:
    assert person_of_key(door, create_api_key(door, bob, name="k", scope="infer").secret) is None


def test_a_revoked_key_is_dead(door: Appliance, ada: Person, bob: Person) -> None:
    made = create_api_key(door, bob, name="k", scope="api")
    assert person_of_key(door, made.secret) == bob
    revoke_api_key(door, bob, made.record.id)
    assert person_of_key(door, made.secret) is None
    for gone in (made.record.id, "00000000", "", "x" * 1_000):
        with pytest.raises(NotFound):
            revoke_api_key(door, bob, gone)


def test_a_key_of_whoever_is_out_is_dead_at_once(door: Appliance, ada: Person, bob: Person) -> None:
    secret = create_api_key(door, bob, name="k", scope="api").secret
    assert person_of_key(door, secret) == bob
    disable_user(door, ada, "bob")
    assert person_of_key(door, secret) is None


def test_a_key_that_was_just_used_asks_nothing_and_is_no_session(door: Appliance, bob: Person) -> None:
    secret = create_api_key(door, bob, name="k", scope="api").secret
    assert person_of_key(door, secret) == bob
    assert person_of_session(door, secret) is None
    door.db.close()
    assert person_of_key(door, secret) == bob


def test_only_its_owner_and_administrators_see_and_revoke_it(
    door: Appliance, ada: Person, bob: Person
) -> None:
    theirs = create_api_key(door, ada, name="a", scope="api")
    mine = create_api_key(door, bob, name="b", scope="api")
    assert list_api_keys(door, bob) == (mine.record,)
    assert list_api_keys(door, bob, everyone=True) == (mine.record,)
    assert list_api_keys(door, ada, everyone=True) == (mine.record, theirs.record)
    with pytest.raises(NotFound):
        revoke_api_key(door, bob, theirs.record.id)
    revoke_api_key(door, ada, mine.record.id)
    assert list_api_keys(door, bob) == ()


def test_a_key_is_for_a_service_that_there_is(door: Appliance, bob: Person) -> None:
    with pytest.raises(NotFound):
        create_api_key(door, bob, name="k", scope="infer", service="churn")
    with door.db.write() as tx:
        services.add(
            tx,
            Service(
                name="churn", title="Churn", model_id="m", live_version=1, state="live",
                created_by=bob.id, created_at=now(), updated_at=now(),
            ),
        )  # fmt: skip
    made = create_api_key(door, bob, name="k", scope="infer", service="churn")
    assert list_api_keys(door, bob, service="churn") == (made.record,)
    with pytest.raises(Refusal):
        create_api_key(door, bob, name="k", scope="api", service="churn")
    with pytest.raises(Refusal):
        create_api_key(door, bob, name="k", scope="root")  # type: ignore[arg-type]
    with pytest.raises(Refusal):
        create_api_key(door, bob, name="a\nb", scope="api")


def test_keys_of_whoever_is_out_do_not_answer(door: Appliance, ada: Person, bob: Person) -> None:
    mine = create_api_key(door, ada, name="a", scope="infer")
    create_api_key(door, bob, name="b", scope="infer")
    create_api_key(door, ada, name="c", scope="api")
    disable_user(door, ada, "bob")
    assert living_keys(door, "infer") == (mine.record,)


@pytest.mark.slow
def test_nobody_has_more_than_a_hundred(door: Appliance, bob: Person) -> None:
    for number in range(100):
        create_api_key(door, bob, name=f"{number}", scope="api")
    with pytest.raises(Conflict):
        create_api_key(door, bob, name="one more", scope="api")


def test_a_key_makes_and_ends_no_keys_but_its_owner_who_is_signed_in_does(
    door: Appliance, bob: Person
) -> None:
    made = create_api_key(door, bob, name="k", scope="api")
    program = person_of_key(door, made.secret)
    assert program is not None and program.by_key
    with pytest.raises(Forbidden, match="neither make nor revoke"):
        create_api_key(door, program, name="another", scope="infer")
    with pytest.raises(Forbidden, match="neither make nor revoke"):
        revoke_api_key(door, program, made.record.id)
    assert [key.id for key in list_api_keys(door, program)] == [made.record.id]
    revoke_api_key(door, bob, made.record.id)
    assert list_api_keys(door, bob) == ()
