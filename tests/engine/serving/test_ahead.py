"""Reading ahead and computing in threads keep order, pass errors on in their place, and stop when asked."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.serving.ahead import compute_in_order, read_ahead


@given(st.lists(st.integers()), st.integers(1, 5), st.integers(1, 4))
def test_order_is_kept(items: list[int], depth: int, workers: int) -> None:
    assert list(compute_in_order(lambda x: x + 1, read_ahead(iter(items), depth), workers)) == [
        x + 1 for x in items
    ]


def test_an_error_comes_after_the_items_before_it() -> None:
    def items() -> Iterator[int]:
        yield 1
        yield 2
        raise OSError("gone")

    seen = []
    with pytest.raises(OSError, match="gone"):
        seen.extend(read_ahead(items(), 1))
        pytest.fail("the error was lost")
    reader = read_ahead(items(), 3)
    assert [next(reader), next(reader)] == [1, 2]
    with pytest.raises(OSError, match="gone"):
        next(reader)


def test_an_error_of_a_computation_is_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        list(compute_in_order(lambda x: 1 // x, iter([1, 0, 1]), 2))


def test_stopping_early_closes_the_source_in_its_own_thread() -> None:
    threads = []

    def items() -> Iterator[int]:
        try:
            for number in range(1000):
                threads.append(threading.get_ident())
                yield number
        finally:
            threads.append(threading.get_ident())

    reader = read_ahead(items(), 2)
    assert next(reader) == 0
    reader.close()
    assert len(set(threads)) == 1
    assert len(threads) < 10
