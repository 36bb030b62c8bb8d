"""Count what a service did: answers, rows, time, errors by reason; kept across restarts of the plane."""

from __future__ import annotations

import json
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine.files import write_bytes

STATS_FILE = "stats.json"
#: Upper bounds in seconds, 1, 2, 5 steps from 0.1 ms; the last bucket has none.
BOUNDS = (
    *(0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05),
    *(0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0),
)
#: How far back the per-minute figures go.
MINUTES = 60


@dataclass(frozen=True, kw_only=True)
class Timing:
    """Nanoseconds an answer took: all of it, reading the request, computing, writing the response."""

    total: int
    read: int = 0
    infer: int = 0
    write: int = 0


class Histogram:
    """Latencies in buckets."""

    def __init__(self, counts: list[int] | None = None) -> None:
        self.counts = (
            counts if counts is not None and len(counts) == len(BOUNDS) + 1 else [0] * (len(BOUNDS) + 1)
        )

    def add(self, seconds: float) -> None:
        """Count one latency."""
        place = next((i for i, bound in enumerate(BOUNDS) if seconds <= bound), len(BOUNDS))
        self.counts[place] += 1

    def quantile(self, share: float) -> float | None:
        """Return about the latency in seconds that `share` of all stay below; None without any."""
        total = sum(self.counts)
        wanted, seen = share * total, 0
        for place, count in enumerate(self.counts):
            if count and seen + count >= wanted:
                low = BOUNDS[place - 1] if place else 0.0
                high = BOUNDS[place] if place < len(BOUNDS) else BOUNDS[-1]
                return low + (high - low) * (wanted - seen) / count
            seen += count
        return None


@dataclass
class Counters:
    """What one service did since it was first deployed.

    minutes: [minute, requests, errors, rows], newest last.   keys_at: key id → when it was last used.
    """

    since: float
    requests: int = 0
    rows: int = 0
    errors: Counter[str] = field(default_factory=Counter)
    keys: Counter[str] = field(default_factory=Counter)
    keys_at: dict[str, float] = field(default_factory=dict)
    versions: Counter[str] = field(default_factory=Counter)
    executions: int = 0
    success_ns: int = 0
    read_ns: int = 0
    infer_ns: int = 0
    write_ns: int = 0
    failure_ns: int = 0
    last_at: float | None = None
    histogram: Histogram = field(default_factory=Histogram)
    minutes: deque[list[int]] = field(default_factory=lambda: deque(maxlen=MINUTES))

    def answered(self, *, rows: int, timing: Timing, key: str, version: str, now: float) -> None:
        """Count one answer of `rows` rows."""
        self.requests += 1
        self.executions += 1
        self.rows += rows
        self.keys[key] += 1
        self.keys_at[key] = now
        self.versions[version] += 1
        self.success_ns += timing.total
        self.read_ns += timing.read
        self.infer_ns += timing.infer
        self.write_ns += timing.write
        self.last_at = now
        self.histogram.add(timing.total / 1e9)
        minute = self._minute(now)
        minute[1] += 1
        minute[3] += rows

    def failed(self, reason: str, *, ns: int, key: str, now: float) -> None:
        """Count one request that got no answer, by its stable reason."""
        self.requests += 1
        self.errors[reason] += 1
        self.keys[key] += 1
        self.keys_at[key] = now
        self.failure_ns += ns
        self.last_at = now
        minute = self._minute(now)
        minute[1] += 1
        minute[2] += 1

    def _minute(self, now: float) -> list[int]:
        number = int(now // 60)
        if not self.minutes or self.minutes[-1][0] != number:
            self.minutes.append([number, 0, 0, 0])
        return self.minutes[-1]

    def to_json(self) -> dict[str, Any]:
        """Return what `stats.json` holds; `p50_ms` and `p95_ms` are read off the buckets."""
        p50, p95 = self.histogram.quantile(0.5), self.histogram.quantile(0.95)
        return {
            "since": self.since,
            "last_at": self.last_at,
            "requests": self.requests,
            "errors": dict(self.errors),
            "rows": self.rows,
            "p50_ms": None if p50 is None else round(1000 * p50, 3),
            "p95_ms": None if p95 is None else round(1000 * p95, 3),
            "keys": dict(self.keys),
            "keys_at": dict(self.keys_at),
            "versions": dict(self.versions),
            "minutes": [list(minute) for minute in self.minutes],
            "histogram": {"bounds_s": list(BOUNDS), "counts": list(self.histogram.counts)},
            "ns": {
                "success": self.success_ns,
                "read": self.read_ns,
                "infer": self.infer_ns,
                "write": self.write_ns,
                "failure": self.failure_ns,
            },
            "executions": self.executions,
        }

    @classmethod
    def from_json(cls, value: Any) -> Counters:
        """Undo `to_json`.   Raises: KeyError, TypeError, ValueError."""
        ns = value["ns"]
        return cls(
            since=float(value["since"]),
            last_at=value["last_at"],
            requests=int(value["requests"]),
            rows=int(value["rows"]),
            errors=Counter(value["errors"]),
            keys=Counter(value["keys"]),
            keys_at={str(key): float(at) for key, at in value["keys_at"].items()},
            versions=Counter(value["versions"]),
            executions=int(value["executions"]),
            success_ns=int(ns["success"]),
            read_ns=int(ns["read"]),
            infer_ns=int(ns["infer"]),
            write_ns=int(ns["write"]),
            failure_ns=int(ns["failure"]),
            histogram=Histogram([int(count) for count in value["histogram"]["counts"]]),
            minutes=deque(([int(x) for x in minute] for minute in value["minutes"]), maxlen=MINUTES),
        )


class CounterBook:
    """The counters of all services of a folder.   clock: seconds since the epoch."""

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time) -> None:
        self._folder = folder
        self.clock = clock
        self._books: dict[str, Counters] = {}
        self._written: dict[str, tuple[int, float | None]] = {}

    def of(self, service: str) -> Counters:
        """Return a service's counters, begun from its file where there is one."""
        if service not in self._books:
            self._books[service] = self._read(service)
        return self._books[service]

    def _read(self, service: str) -> Counters:
        try:
            text = (self._folder / service / STATS_FILE).read_text(encoding="utf-8")
            return Counters.from_json(json.loads(text))
        except (OSError, KeyError, TypeError, ValueError):
            return Counters(since=self.clock())

    def forget_all_but(self, services: set[str]) -> None:
        """Drop the counters of services that are gone."""
        for name in [name for name in self._books if name not in services]:
            del self._books[name]

    def write(self) -> None:
        """Write the file of every service that did something since the last time."""
        for name, counters in list(self._books.items()):
            mark = (counters.requests, counters.last_at)
            if self._written.get(name) == mark or not (self._folder / name).is_dir():
                continue
            try:
                write_bytes(self._folder / name / STATS_FILE, json.dumps(counters.to_json()).encode())
                self._written[name] = mark
            except OSError:
                continue  # a full disk must not end the answers; the next round tries again
