"""How often one caller may knock: buckets that fill with time (SECURITY A11, E15)."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

_MOST_CALLERS = 10_000


class Buckets:
    """One bucket per caller. Each request takes a token; an empty bucket says how long to wait.

    The least recently seen callers are forgotten beyond 10,000, so that strangers cannot fill the memory.
    """

    def __init__(
        self, *, size: float, per_second: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """size: tokens of a full bucket.   per_second: how fast it fills."""
        self._size = size
        self._rate = per_second
        self._clock = clock
        self._held: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, caller: str) -> float:
        """Take a token: 0 when there was one, else the seconds until there is."""
        tokens = self._tokens(caller)
        self._keep(caller, tokens - 1 if tokens >= 1 else tokens)
        return 0.0 if tokens >= 1 else (1 - tokens) / self._rate

    def wait(self, caller: str) -> float:
        """Return the seconds until `take` would find a token, without taking one."""
        return max(0.0, (1 - self._tokens(caller)) / self._rate)

    def _tokens(self, caller: str) -> float:
        tokens, seen = self._held.get(caller, (self._size, self._clock()))
        return min(self._size, tokens + (self._clock() - seen) * self._rate)

    def _keep(self, caller: str, tokens: float) -> None:
        self._held[caller] = (tokens, self._clock())
        self._held.move_to_end(caller)
        while len(self._held) > _MOST_CALLERS:
            self._held.popitem(last=False)
