"""What was read since the last change, so that nothing is asked of the database twice between two changes."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

#: A longer result is cheap to ask for beside what is then done with it, and would push many short ones out.
MOST_RESULT_BYTES = 256 << 10
MOST_BYTES = 8 << 20
MOST_RESULTS = 1_000
#: What a value weighs besides its letters: roughly Python's own overhead for it.
_CELL_BYTES = 60


@dataclass(frozen=True)
class Result:
    """The rows of one query, in values that nobody can change.   names: of the columns."""

    names: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]

    def dictionaries(self) -> list[dict[str, Any]]:
        """Return the rows as dictionaries of the caller's own."""
        return [dict(zip(self.names, row, strict=True)) for row in self.rows]

    def weight(self) -> int:
        """Return about how many bytes of memory the rows take; of very many rows, without looking at each."""
        least = _CELL_BYTES * len(self.names) * len(self.rows)
        if least > MOST_RESULT_BYTES:
            return least
        return _CELL_BYTES + sum(
            _CELL_BYTES + (len(value) if isinstance(value, str | bytes) else 0)
            for row in self.rows
            for value in row
        )


class Remembered:
    """The results of one state of the database; the state's end is this object's end, so nothing in it grows old.

    The least recently used go when there are too many. Any number of threads may use it.
    """

    def __init__(self, *, most_results: int = MOST_RESULTS, most_bytes: int = MOST_BYTES) -> None:
        self._most_results = most_results
        self._most_bytes = most_bytes
        self._lock = threading.Lock()
        self._results: OrderedDict[tuple[Any, ...], tuple[Result, int]] = OrderedDict()
        self._bytes = 0

    def get(self, sql: str, params: Sequence[Any]) -> Result | None:
        """Return what a query with these values found, if that is remembered."""
        key = _key(sql, params)
        with self._lock:
            held = self._results.get(key)
            if held is None:
                return None
            self._results.move_to_end(key)
            return held[0]

    def put(self, sql: str, params: Sequence[Any], result: Result) -> None:
        """Remember what a query found, unless it is long."""
        weight = result.weight()
        if weight > MOST_RESULT_BYTES:
            return
        key = _key(sql, params)
        with self._lock:
            self._bytes += weight - self._results.pop(key, (None, 0))[1]
            self._results[key] = result, weight
            while len(self._results) > self._most_results or self._bytes > self._most_bytes:
                self._bytes -= self._results.popitem(last=False)[1][1]


class Memory:
    """What is remembered of the present state of a database.   current: None while that state changes."""

    def __init__(self) -> None:
        self.current: Remembered | None = Remembered()

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Forget everything, and remember nothing until the block ends.

        Meanwhile the old state and the new one can both be seen: whoever has read the new one must not be given the
        old one after it.
        """
        self.current = None
        try:
            yield
        finally:
            self.current = Remembered()


def _key(sql: str, params: Sequence[Any]) -> tuple[Any, ...]:
    # 1, 1.0 and True are the same key to Python, but not the same value to a query.
    return (sql, *((type(value), value) for value in params))
