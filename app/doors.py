"""What stands at the box's doors while it runs: how often somebody may try, and who was let in a moment ago."""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_address
from typing import Any

#: SECURITY A01: wrong passwords of one name from one address.
ATTEMPTS_PER_NAME_AND_ADDRESS, NAME_AND_ADDRESS_S = 5, 300.0
#: SECURITY A02: wrong passwords of any names from one address.
ATTEMPTS_PER_ADDRESS, ADDRESS_S = 20, 300.0
#: And of one name from any address that this name was never at home at: a crowd of addresses guesses slowly too.
ATTEMPTS_PER_NAME, NAME_S = 50, 3600.0

_MOST_KEYS = 10_000
_SESSION_MEMORY_S = 1.0


@dataclass
class _Tries:
    at: deque[float] = field(default_factory=deque)
    shut_until: float = 0.0


class Throttle:
    """Counts attempts by key in a sliding window. Any number of threads may ask."""

    def __init__(self, most: int, window_s: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        """most: attempts let through within `window_s` seconds."""
        self._most = most
        self._window_s = window_s
        self._clock = clock
        self._lock = threading.Lock()
        self._tries: OrderedDict[Hashable, _Tries] = OrderedDict()

    def take(self, key: Hashable) -> int:
        """Count one attempt; return 0 when it may go on, otherwise the whole seconds to wait (and it is not counted).

        It is counted before it is known to be wrong, so that a hundred attempts at once are no way around. Whoever
        asks too often is shut out for a whole window from their last attempt: no try comes free every few seconds.
        """
        with self._lock:
            now = self._clock()
            tries = self._tries.setdefault(key, _Tries())
            self._tries.move_to_end(key)
            while tries.at and tries.at[0] <= now - self._window_s:
                tries.at.popleft()
            if len(tries.at) >= self._most:
                tries.shut_until = tries.at[-1] + self._window_s
            if tries.shut_until > now:
                return math.ceil(tries.shut_until - now)
            tries.at.append(now)
            while len(self._tries) > _MOST_KEYS:
                self._tries.popitem(last=False)
            return 0

    def forgive(self, key: Hashable) -> None:
        """Forget every attempt under a key."""
        with self._lock:
            self._tries.pop(key, None)

    def give_back(self, key: Hashable) -> None:
        """Uncount the last attempt under a key: it was a good one."""
        with self._lock:
            if (tries := self._tries.get(key)) and tries.at:
                tries.at.pop()

    def keys(self) -> list[Hashable]:
        """Return every key under which somebody tried."""
        with self._lock:
            return list(self._tries)


class SignInThrottle:
    """Slows down guessing without letting strangers lock anybody out."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._pairs = Throttle(ATTEMPTS_PER_NAME_AND_ADDRESS, NAME_AND_ADDRESS_S, clock=clock)
        self._addresses = Throttle(ATTEMPTS_PER_ADDRESS, ADDRESS_S, clock=clock)
        self._news = Throttle(1, NAME_AND_ADDRESS_S, clock=clock)
        self._names = Throttle(ATTEMPTS_PER_NAME, NAME_S, clock=clock)

    def take(self, name: str, address: str, *, is_known: bool) -> int:
        """Count one attempt; return 0 when it may go on, otherwise the whole seconds to wait.

        is_known: this person has been signed in from this address; then others' guesses elsewhere do not matter.
        """
        place = network_of(address)
        wait = self._pairs.take((name, place))
        if wait:
            return wait
        wait = self._addresses.take(place)
        if not wait and not is_known:
            wait = self._names.take(name)
            if wait:
                self._addresses.give_back(place)
        if wait:
            self._pairs.give_back((name, place))
        return wait

    def succeeded(self, name: str, address: str, *, is_known: bool) -> None:
        """Forget the attempts of somebody who then knew the password."""
        place = network_of(address)
        self._pairs.forgive((name, place))
        self._addresses.give_back(place)
        if not is_known:
            self._names.give_back(name)

    def is_news(self, name: str, address: str) -> bool:
        """Tell whether nobody has written down yet that this name is shut to this address."""
        return self._news.take((name, network_of(address))) == 0

    def unlock(self, name: str) -> None:
        """Let a name try again from everywhere."""
        self._names.forgive(name)
        for key in self._pairs.keys():  # noqa: SIM118 - a method of ours, not a mapping's
            if isinstance(key, tuple) and key[0] == name:
                self._pairs.forgive(key)
                self._addresses.forgive(key[1])


@dataclass
class CallerMemory:
    """Who a session or a key belonged to within the last second: many requests in a row ask the database once."""

    _found: dict[str, tuple[float, Any]] = field(default_factory=dict)
    _clock: Callable[[], float] = time.monotonic

    def get(self, secret_hash: str) -> Any:
        """Return what was kept, or None."""
        until, person = self._found.get(secret_hash, (0.0, None))
        return person if until > self._clock() else None

    def put(self, secret_hash: str, person: Any) -> None:
        """Keep who a session or a key belongs to, for a second.   secret_hash: one of a key begins with "key:"."""
        if len(self._found) >= _MOST_KEYS:
            self._found.clear()
        self._found[secret_hash] = (self._clock() + _SESSION_MEMORY_S, person)

    def clear(self) -> None:
        """Forget everything: somebody signed out, was disabled or got another role, or a key was revoked."""
        self._found.clear()


@dataclass
class Doors:
    """The box's own; nothing in it outlives the process."""

    sign_ins: SignInThrottle = field(default_factory=SignInThrottle)
    callers: CallerMemory = field(default_factory=CallerMemory)


def network_of(address: str) -> str:
    """Return what counts as one address: a whole /64 of IPv6, which one machine has to itself.

    >>> network_of("2001:db8:1:2:3:4:5:6"), network_of("192.0.2.7"), network_of("?")
    ('2001:db8:1:2::', '192.0.2.7', '?')
    """
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(IPv6Address(int(parsed) >> 64 << 64))
    return str(parsed)
