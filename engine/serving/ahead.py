"""Overlap reading and computing: a thread reads ahead, several compute, and results come in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def read_ahead(items: Iterator[T], depth: int) -> Generator[T, None, None]:
    """Yield `items`, read by a thread of their own, at most `depth` ahead.

    An error of `items` is raised here, after the items before it. A generator is closed by the thread that
    ran it, also when the caller stops early.
    """
    waiting: deque[Future[list[T]]] = deque()
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="read-ahead") as reader:
        try:
            while True:
                while len(waiting) < depth:
                    waiting.append(reader.submit(_next, items))
                found = waiting.popleft().result()
                if not found:
                    return
                yield found[0]
        finally:
            for future in waiting:
                future.cancel()
            if isinstance(items, Generator):
                reader.submit(items.close).result()


def compute_in_order(compute: Callable[[T], R], items: Iterator[T], workers: int) -> Generator[R, None, None]:
    """Yield `compute(item)` in the order of `items`, `workers` at a time and few of them waiting."""
    running: deque[Future[R]] = deque()
    with ThreadPoolExecutor(max_workers=workers, thread_name_prefix="compute") as pool:
        try:
            for item in items:
                running.append(pool.submit(compute, item))
                if len(running) > workers + 1:
                    yield running.popleft().result()
            while running:
                yield running.popleft().result()
        finally:
            for future in running:
                future.cancel()


def _next(items: Iterator[T]) -> list[T]:
    """Return the next item in a list, an empty list after the last: a Future must not carry StopIteration."""
    for item in items:
        return [item]
    return []
