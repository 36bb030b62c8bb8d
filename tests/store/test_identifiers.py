"""Identifiers sort as they were made, also when the clock goes back, and nothing else passes for one."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from store import identifiers
from store.identifiers import ALPHABET, LENGTH, is_id, new_id


def test_they_sort_as_they_were_made() -> None:
    made = [new_id() for _ in range(5_000)]
    assert made == sorted(made)
    assert len(set(made)) == len(made)
    assert all(len(name) == LENGTH and set(name) <= set(ALPHABET) for name in made)


def test_they_go_on_when_the_clock_goes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    before = new_id()
    hour_ago = time.time_ns() - 3_600 * 10**9
    monkeypatch.setattr(identifiers.time, "time_ns", lambda: hour_ago)
    assert new_id() > before


def test_no_two_threads_get_the_same() -> None:
    with ThreadPoolExecutor(16) as pool:
        made = [
            name for some in pool.map(lambda _: [new_id() for _ in range(500)], range(16)) for name in some
        ]
    assert len(set(made)) == 16 * 500


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "..",
        "../../etc/passwd",
        "a" * 15,
        "a" * 17,
        "A" * 16,
        "i" * 16,
        "aaaaaaaaaaaaaaa\n",
        "aaaaaaa/aaaaaaaa",
    ],
)
def test_what_is_none(text: str) -> None:
    assert not is_id(text)
    assert is_id(new_id())
