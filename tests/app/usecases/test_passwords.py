"""Weak passwords are refused in a sentence; good ones are kept as argon2id and take as long to be wrong as right."""

from __future__ import annotations

import threading

import pytest

from app.usecases import passwords
from app.usecases.passwords import (
    NO_PASSWORD,
    WeakPassword,
    check_strength,
    hashed,
    is_common,
    is_outdated,
    is_right,
)
from app.usecases.refusals import TooManyAttempts, http_status
from tests.app.usecases.doorstep import QUICK_HASHER

pytestmark = pytest.mark.slow


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash with the least work, where a test is not about how much of it there is."""
    monkeypatch.setattr(passwords, "_hasher", QUICK_HASHER)


@pytest.mark.parametrize(
    "password",
    [
        "tin bridge slow owl",
        "correct horse battery stapler",
        "9f3Kd0!lsPq2z",
        "我们的猫每天早上都要喝牛奶",
        "x" * 3 + "Tuesday rain over Lisbon",
        "Zürich–Örebro by night train",
        "e" + "4Gk!" * 1 + "mVnR8#qZt",
    ],
)
def test_good_ones_pass(password: str) -> None:
    assert check_strength(password, "ada", "Ada Lovelace") == password


@pytest.mark.parametrize(
    "password",
    ["", "a", "password", "elevenchars", "x" * 257, "x" * 1_000_000, None, 12, ["a"]],
)
def test_wrong_lengths_and_kinds_are_refused_before_anything_is_hashed(password: object) -> None:
    """SECURITY A04."""
    with pytest.raises(WeakPassword) as refusal:
        check_strength(password)
    assert http_status(refusal.value) == 422
    assert refusal.value.code == "weak_password"
    assert len(str(refusal.value)) < 300


@pytest.mark.parametrize(
    "password",
    [
        *(
            "password1234",
            "Password123!",
            "P4$$w0rd2026!!",
            "passwordpassword",
            "adminadminadmin",
            "administrator1",
        ),
        *(
            "aaaaaaaaaaaa",
            "abababababab",
            "123456789012",
            "987654321098",
            "qwertyuiop12",
            "asdfghjkl;'12",
            "1qaz2wsx3edc",
        ),
        *(
            "iloveyou2026",
            "letmein12345",
            "welcome12345",
            "thisismypassword",
            "changeme1234",
            "aimass-aimass-1",
        ),
        *(
            "ada.lovelace1",
            "Lovelace 1815!",
            "LOVELACELOVELACE",
            "ＰＡＳＳＷＯＲＤ１２３４",
            "abcdefghijklm",
            "zyxwvutsrqpon",
        ),
        "correcthorsebatterystaple",
    ],
)
def test_what_others_try_first_is_refused(password: str) -> None:
    assert is_common(password, "ada", "Ada Lovelace")
    with pytest.raises(WeakPassword):
        check_strength(password, "ada", "Ada Lovelace")


def test_it_is_kept_as_argon2id_of_the_stated_strength() -> None:
    kept = hashed("tin bridge slow owl")
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert kept != hashed("tin bridge slow owl")
    assert is_right("tin bridge slow owl", kept)
    assert not is_right("tin bridge slow owl ", kept)
    assert not is_right("", kept)
    assert not is_outdated(kept)
    assert is_outdated(
        "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21l$OxC0jzAvE1PTQAEbqpDmTmLlpBFXZZLXQqfdqTjYIcM"
    )


@pytest.mark.slow
@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("against", [NO_PASSWORD, "", "$argon2id$broken", "plain text"])
def test_nothing_is_right_where_there_is_no_hash(against: str) -> None:
    assert not is_right("nobody's password", against)
    assert not is_right(against, against)


@pytest.mark.usefixtures("quick")
def test_one_letter_typed_on_two_keyboards_is_one() -> None:
    kept = hashed("tin bridge slow Å")
    assert is_right("tin bridge slow A\u030a", kept)


@pytest.mark.usefixtures("quick")
def test_what_cannot_be_utf_8_is_only_wrong() -> None:
    assert not is_right("\ud800" * 12, hashed("tin bridge slow owl"))


@pytest.mark.usefixtures("quick")
def test_a_very_long_one_is_wrong_even_where_its_start_is_right() -> None:
    kept = hashed("x" * 257)
    assert not is_right("x" * 1_000_000, kept)


def test_two_at_a_time_and_the_patient_are_told_to_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """SECURITY fact 15: each check takes 64 MiB."""
    monkeypatch.setattr(passwords, "_PATIENCE_S", 0.05)
    inside, release = threading.Barrier(3), threading.Event()

    def hold() -> None:
        with passwords._slot():
            inside.wait()
            release.wait()

    holders = [threading.Thread(target=hold) for _ in range(2)]
    for holder in holders:
        holder.start()
    inside.wait()
    with pytest.raises(TooManyAttempts) as refusal:
        hashed("tin bridge slow owl")
    assert refusal.value.retry_after_s > 0
    release.set()
    for holder in holders:
        holder.join()
    assert is_right("tin bridge slow owl", hashed("tin bridge slow owl"))
