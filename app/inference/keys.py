"""Who may ask: keys by their hash, how often each may ask, and how often an address may be wrong."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from app.inference.refused import Refused

KEYS_FILE = "keys.json"
#: Wrong keys an address may try in a minute (SECURITY A11).
MOST_WRONG = 20
_WRONG_SECONDS = 60.0
_MOST_ADDRESSES = 10_000
#: A key is "aim_", 8 characters that are no secret, "_", and the secret.
MOST_KEY_LETTERS = 200


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Who sent a request.   scope: "infer" asks for answers, "api" may load and unload too; "internal" is the portal.

    service: the only one the key is good for; None for every service.
    """

    id: str
    scope: Literal["infer", "api", "internal"]
    service: str | None = None

    def may_ask(self, service: str) -> bool:
        return self.service is None or self.service == service

    @property
    def may_manage(self) -> bool:
        return self.scope in ("api", "internal")


#: A health check needs no key.
NOBODY = Caller(id="", scope="infer", service="")


class KeyRing:
    """The keys of a services folder, read again when their file changes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen: tuple[int, int, int] | None = None
        self._callers: Mapping[str, tuple[str, Caller]] = {}

    def refresh(self) -> None:
        """Read the file again if it changed. What cannot be read leaves the keys as they were."""
        file = self._folder / KEYS_FILE
        seen = _stamp(file)
        if seen == self._seen:
            return
        try:
            callers = _read_keys(file)
        except (OSError, ValueError, KeyError, TypeError):
            return
        self._callers, self._seen = callers, seen

    def find(self, secret: str) -> Caller | None:
        """Return who holds `secret`, None for a wrong one."""
        digest = hashlib.sha256(secret[:MOST_KEY_LETTERS].encode("utf-8", "replace")).hexdigest()
        expected, caller = self._callers.get(digest, ("", None))
        return caller if hmac.compare_digest(digest, expected) else None


def _stamp(file: Path) -> tuple[int, int, int] | None:
    try:
        facts = file.stat()
    except OSError:
        return None
    return facts.st_mtime_ns, facts.st_size, facts.st_ino


def _read_keys(file: Path) -> dict[str, tuple[str, Caller]]:
    if not file.is_file():
        return {}
    content: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    entries: list[dict[str, Any]] = content["keys"]
    callers = {
        entry["sha256"]: (
            entry["sha256"],
            Caller(
                id=entry["id"], scope="api" if entry["scope"] == "api" else "infer", service=entry["service"]
            ),
        )
        for entry in entries
    }
    own = content.get("portal")
    return (
        callers | {own: (own, Caller(id="internal", scope="internal"))} if isinstance(own, str) else callers
    )


class Buckets:
    """A token bucket per key.   rate: requests per second that last.   burst: at once."""

    def __init__(self, rate: float, burst: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._burst = float(burst)
        self._clock = clock
        self._levels: dict[str, tuple[float, float]] = {}

    def take(self, key: str) -> None:
        """Take one token.   Raises: Refused (429) with Retry-After when there is none."""
        now = self._clock()
        level, at = self._levels.get(key, (self._burst, now))
        level = min(self._burst, level + (now - at) * self._rate)
        if level < 1.0:
            self._levels[key] = (level, now)
            raise too_often(
                f"This key asks too often. Expected at most {self._rate:g} requests a second.",
                (1.0 - level) / self._rate,
            )
        self._levels[key] = (level - 1.0, now)


class WrongKeys:
    """How often each address was wrong within the last minute."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._times: OrderedDict[str, deque[float]] = OrderedDict()

    def check(self, address: str) -> None:
        """Raise Refused (429) when `address` was wrong too often; right keys of others there still work."""
        times = self._times.get(address)
        now = self._clock()
        while times and now - times[0] > _WRONG_SECONDS:
            times.popleft()
        if times and len(times) >= MOST_WRONG:
            raise too_often("Too many wrong keys came from this address.", _WRONG_SECONDS - (now - times[0]))

    def add(self, address: str) -> None:
        """Write down one wrong key."""
        self._times.setdefault(address, deque(maxlen=MOST_WRONG)).append(self._clock())
        self._times.move_to_end(address)
        while len(self._times) > _MOST_ADDRESSES:
            self._times.popitem(last=False)


def too_often(message: str, seconds: float) -> Refused:
    """Return the refusal that says when to try again."""
    wait = max(1, round(seconds + 0.5))
    return Refused(
        message,
        status=429,
        code="too_many_requests",
        remedy=f"Try again in {wait} s.",
        headers={"Retry-After": str(wait)},
    )


def secret_of(headers: Mapping[str, str]) -> str:
    """Return the key in `Authorization: Bearer` or `X-API-Key`, "" without one."""
    kind, _, secret = headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer":
        return secret.strip()
    return headers.get("x-api-key", "").strip()
