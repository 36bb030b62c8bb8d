from __future__ import annotations

from app.web.limits import Buckets


class _Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_an_empty_bucket_says_how_long_to_wait_and_fills_again() -> None:
    clock = _Clock()
    buckets = Buckets(size=3, per_second=0.5, clock=clock)
    assert [buckets.take("a") for _ in range(4)] == [0.0, 0.0, 0.0, 2.0]
    clock.now = 2.0
    assert buckets.take("a") == 0.0
    assert buckets.take("a") == 2.0
    clock.now = 1000.0
    assert [buckets.take("a") for _ in range(4)] == [0.0, 0.0, 0.0, 2.0]


def test_callers_do_not_share_a_bucket() -> None:
    buckets = Buckets(size=1, per_second=1, clock=_Clock())
    assert buckets.take("a") == 0.0
    assert buckets.take("b") == 0.0
    assert buckets.wait("a") == 1.0
    assert buckets.wait("new") == 0.0


def test_strangers_cannot_fill_the_memory() -> None:
    buckets = Buckets(size=1, per_second=1, clock=_Clock())
    for number in range(10_050):
        buckets.take(str(number))
    assert len(buckets._held) == 10_000
    assert buckets.wait("10049") == 1.0
