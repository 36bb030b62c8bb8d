"""One request's time is split rightly."""

from __future__ import annotations

from app.inference.requests import Watch


def test_the_parts_of_a_watch_add_up() -> None:
    watch = Watch()
    watch.mark()
    watch.mark()
    timing = watch.timing
    assert min(timing.read, timing.infer, timing.write) >= 0
    assert timing.read + timing.infer + timing.write == timing.total


def test_a_watch_that_was_cut_short_still_tells_the_whole() -> None:
    watch = Watch()
    timing = watch.timing
    assert timing.total > 0 and (timing.infer, timing.write) == (0, 0)
