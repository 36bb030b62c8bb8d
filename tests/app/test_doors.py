"""Guessing is slowed down by name and address; nobody can be locked out by strangers."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from app.doors import CallerMemory, SignInThrottle, Throttle, network_of


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_the_window_shuts_for_its_whole_length(clock: Clock) -> None:
    throttle = Throttle(3, 300.0, clock=clock)
    waits = []
    for _ in range(4):
        clock.now += 10
        waits.append(throttle.take("a"))
    assert waits == [0, 0, 0, 290]
    clock.now += 289
    assert throttle.take("a") == 1
    clock.now += 1
    assert [throttle.take("a") for _ in range(4)] == [0, 0, 0, 300]


def test_slow_attempts_go_through(clock: Clock) -> None:
    throttle = Throttle(3, 300.0, clock=clock)
    for _ in range(20):
        assert throttle.take("a") == 0
        clock.now += 101


def test_a_hundred_at_once_are_no_way_around() -> None:
    throttle = Throttle(5, 300.0)
    with ThreadPoolExecutor(32) as pool:
        waits = list(pool.map(lambda _: throttle.take("a"), range(100)))
    assert waits.count(0) == 5


def test_its_memory_is_bounded(clock: Clock) -> None:
    throttle = Throttle(5, 300.0, clock=clock)
    for number in range(10_500):
        throttle.take(number)
    assert len(throttle.keys()) == 10_000


def test_a_name_is_shut_to_one_address_only(clock: Clock) -> None:
    """SECURITY A01."""
    sign_ins = SignInThrottle(clock)
    waits = [sign_ins.take("ada", "192.0.2.66", is_known=False) for _ in range(7)]
    assert waits == [0, 0, 0, 0, 0, 300, 300]
    assert sign_ins.take("ada", "192.0.2.1", is_known=False) == 0
    clock.now += 300
    assert sign_ins.take("ada", "192.0.2.66", is_known=False) == 0


def test_many_names_from_one_address_are_slowed_down(clock: Clock) -> None:
    """SECURITY A02; the strangers' names stay open to others."""
    sign_ins = SignInThrottle(clock)
    waits = [sign_ins.take(f"user {number}", "192.0.2.66", is_known=False) for number in range(30)]
    assert waits.count(0) == 20
    assert sign_ins.take("user 25", "192.0.2.1", is_known=False) == 0


def test_a_crowd_of_addresses_shuts_a_name_to_strangers_but_not_to_its_home(clock: Clock) -> None:
    sign_ins = SignInThrottle(clock)
    waits = [sign_ins.take("ada", f"198.51.100.{number}", is_known=False) for number in range(60)]
    assert waits.count(0) == 50
    assert sign_ins.take("ada", "192.0.2.1", is_known=True) == 0


def test_a_good_password_wipes_the_slate(clock: Clock) -> None:
    sign_ins = SignInThrottle(clock)
    for _ in range(40):
        for _ in range(4):
            assert sign_ins.take("ada", "192.0.2.1", is_known=True) == 0
        sign_ins.succeeded("ada", "192.0.2.1", is_known=True)
        clock.now += 61


def test_an_administrator_can_open_it_again(clock: Clock) -> None:
    sign_ins = SignInThrottle(clock)
    for _ in range(6):
        sign_ins.take("ada", "192.0.2.66", is_known=False)
    sign_ins.unlock("ada")
    assert sign_ins.take("ada", "192.0.2.66", is_known=False) == 0


def test_a_lock_is_news_once(clock: Clock) -> None:
    sign_ins = SignInThrottle(clock)
    assert [sign_ins.is_news("ada", "192.0.2.66") for _ in range(3)] == [True, False, False]
    clock.now += 300
    assert sign_ins.is_news("ada", "192.0.2.66")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:192.0.2.7", "192.0.2.7", True),
        ("192.0.2.7", "192.0.2.8", False),
        ("?", "", False),
    ],
)
def test_what_counts_as_one_address(one: str, other: str, same: bool) -> None:
    assert (network_of(one) == network_of(other)) is same


def test_who_was_let_in_is_remembered_for_a_second(clock: Clock) -> None:
    memory = CallerMemory(_clock=clock)
    memory.put("a", "Ada")
    assert memory.get("a") == "Ada"
    assert memory.get("b") is None
    clock.now += 1.01
    assert memory.get("a") is None
    memory.put("a", "Ada")
    memory.clear()
    assert memory.get("a") is None
