"""Speed: the quickest of several measurements counts, and it is never nothing."""

from __future__ import annotations

from engine.recommend.speed import effort


def test_the_quickest_counts() -> None:
    ticks = iter([0.0, 3.0, 10.0, 11.0, 20.0, 22.0])
    assert effort(lambda: next(ticks)) == 1.0


def test_a_clock_that_stands_still_gives_no_zero() -> None:
    assert effort(lambda: 5.0) > 0
