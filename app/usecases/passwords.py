"""Passwords: which ones are good enough, and how they are kept and checked."""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.usecases.refusals import Refusal, TooManyAttempts
from engine.words import words

FEWEST_LETTERS = 12
MOST_LETTERS = 256
#: The password of somebody who has not chosen one yet: no password matches it.
NO_PASSWORD = "-"

# 64 MiB and three passes: several times OWASP's least, 110 ms on two cores (SECURITY fact 15).
_hasher = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=4)
# Each check takes 64 MiB, so two at a time; the others wait, and those who wait too long are told to come back.
_slots = threading.BoundedSemaphore(2)
_PATIENCE_S = 15.0

# Long passwords that everybody tries are words like these, one after the other, with digits around them.
_COMMON = """
    access admin administrator aimass apple asdf asdfghjkl azerty banana baseball batman changeme charlie
    cheese chocolate computer correcthorsebatterystaple dragon default demo flower football freedom fuckyou
    geheim google guest hallo hello iloveyou internet jesus jordan killer letmein liverpool login london
    love machine mass master michael minecraft model monday monkey mustang nimda ninja p455w0rd pass passwd
    passwort password pokemon portal princess princesa purple q1w2e3r4 qazwsx qazwsxedc qwer qwert qwerty
    qwertyuiop root samsung secret secure server shadow soccer spring starwars summer sunshine superman
    system temp test thomas this is my the a i me you trustno user wachtwoord welcome whatever winter autumn
    woaini zaq zxcv zxcvbn zxcvbnm
"""
_WORDS = frozenset(_COMMON.split())
_LONGEST_WORD = max(map(len, _WORDS))
_LEET = str.maketrans("013457@$!", "oleastasi")
_ROWS = (
    "01234567890",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "abcdefghijklmnopqrstuvwxyz",
    "1qaz2wsx3edc4rfv5tgb",
)


def hashed(password: str) -> str:
    """Return the argon2id hash of a password.   Raises: TooManyAttempts when the box is too busy."""
    with _slot():
        return _hasher.hash(_plain(password))


def is_right(password: str, against: str) -> bool:
    """Tell whether a password is the one behind a hash; it takes as long either way, and without a hash too."""
    has_one = against.startswith("$argon2")
    with _slot():
        nobody = _nobody()
        try:
            _hasher.verify(against if has_one else nobody, _plain(password[: MOST_LETTERS + 1]))
        except (VerificationError, InvalidHashError):
            return False
    return has_one and len(password) <= MOST_LETTERS


def is_outdated(against: str) -> bool:
    """Tell whether a hash was made with other parameters than today's; it is made anew at the next sign-in."""
    return _hasher.check_needs_rehash(against)


def check_strength(password: object, *names: str) -> str:
    """Return the password when it is good enough.   names: what it must not be made of: the user's names.

    Raises: WeakPassword saying what is wrong with it.
    """
    if not isinstance(password, str):
        raise WeakPassword(words("The password is not a text."), remedy=words("Type a password."))
    if not FEWEST_LETTERS <= len(password) <= MOST_LETTERS:
        raise WeakPassword(
            words(
                "The password has the wrong length. Expected: {fewest} to {most} characters. Received: {count}.",
                fewest=FEWEST_LETTERS,
                most=MOST_LETTERS,
                count=len(password),
            ),
            remedy=words("Choose a sentence or four words that have nothing to do with each other."),
        )
    if is_common(password, *names):
        raise WeakPassword(
            words("The password is one of the first that others would try."),
            remedy=words("Choose a sentence or four words that have nothing to do with each other."),
        )
    return password


def is_common(password: str, *names: str) -> bool:
    """Tell whether a password is a run of keys, a repetition, or common words and digits in a row.

    >>> [is_common(text) for text in ("password1234", "aaaaaaaaaaaa", "1234567890ab", "tin bridge slow owl")]
    [True, True, True, False]
    """
    plain = _plain(password).casefold()
    if len(set(plain)) < 5 or _is_repetition(plain) or _is_keyboard(plain):
        return True
    own = {part for name in names for part in re.findall(r"\w{3,}", _plain(name).casefold())}
    core = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", plain)
    return any(_is_made_of(re.sub(r"[\W\d_]+", "", text), own) for text in (plain, core.translate(_LEET)))


class WeakPassword(Refusal):
    """A password that would soon be guessed."""

    code = "weak_password"


@contextmanager
def _slot() -> Iterator[None]:
    if not _slots.acquire(timeout=_PATIENCE_S):
        raise TooManyAttempts(
            words("Too many people sign in at this moment."),
            remedy=words("Try again in a moment."),
            retry_after_s=5,
        )
    try:
        yield
    finally:
        _slots.release()


def _plain(password: str) -> str:
    """One way of writing for all keyboards; what cannot be written as UTF-8 is no password anybody typed."""
    return unicodedata.normalize("NFKC", password).encode("utf-8", "replace").decode("utf-8")


class _Nobody:
    hash: str | None = None


def _nobody() -> str:
    if _Nobody.hash is None:
        _Nobody.hash = _hasher.hash("nobody's password")
    return _Nobody.hash


def _is_repetition(text: str) -> bool:
    return any(
        text == (text[:length] * (len(text) // length + 1))[: len(text)]
        for length in range(1, len(text) // 2 + 1)
    )


def _is_keyboard(text: str) -> bool:
    """Nearly everything of it lies on rows of keys or of the alphabet, in one direction, three in a row or more."""
    rows = [*_ROWS, *(row[::-1] for row in _ROWS)]
    covered, at = 0, 0
    while at < len(text):
        length = max(
            (
                size
                for size in range(3, 27)
                for row in rows
                if text[at : at + size] in row and at + size <= len(text)
            ),
            default=0,
        )
        covered += length
        at += length or 1
    return covered >= 0.8 * len(text)


def _is_made_of(letters: str, own: set[str]) -> bool:
    if not letters:
        return True
    known = _WORDS | own
    longest = max(_LONGEST_WORD, *(len(word) for word in own), 0)
    reached = {0}
    for end in range(1, len(letters) + 1):
        if any(
            start in reached and letters[start:end] in known for start in range(max(0, end - longest), end)
        ):
            reached.add(end)
    return len(letters) in reached
