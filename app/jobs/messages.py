"""What a worker tells the control process: lines appended to a file by one, read from a byte offset by the other."""

from __future__ import annotations

import contextlib
import json
import os
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from store.folder import PRIVATE_FILE

#: The event that ends an attempt: {"event": "outcome", "state", "result"?, "message"?, "remedy"?, "error_class"?}.
OUTCOME = "outcome"
#: Events that only move a bar: of these, one in so many seconds is enough, and none is worth waiting for a full disk.
PASSING = frozenset({"progress", "step_progress"})
PASSING_EVERY_S = 0.4
#: A longer event is a mistake; it is told as its kind alone.
MOST_LINE_BYTES = 64 << 10
#: Read at once, more than a line: about a second of writing at worst; what is behind waits for the next look.
MOST_READ_BYTES = 256 << 10
#: Events kept for a disk that is full; then the oldest go.
_MOST_HELD = 1000

ErrorClass = Literal["USER", "RESOURCE", "INFRA", "BUG"]


class MessageWriter:
    """Appends one attempt's events to a job's message file; used by one process, from any of its threads.

    A line is one `write`. A disk that is full never ends the work: lines are held and written later, in order, and a
    line that was cut short is closed before the next, so that nothing is ever glued to it.
    """

    def __init__(self, path: Path, token: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Open the file; what a killed attempt left of its last line is closed.   Raises: OSError."""
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, PRIVATE_FILE)
        self._token = token
        self._clock = clock
        self._lock = threading.Lock()
        self._number = 0
        self._last_passing = float("-inf")
        self._held: list[bytes] = []
        size = os.fstat(self._descriptor).st_size
        self._torn = size > 0 and os.pread(self._descriptor, 1, size - 1) != b"\n"

    def __call__(self, event: Mapping[str, Any]) -> None:
        """Append one event, a mapping with "event"; never raises for want of room."""
        with self._lock:
            if event["event"] in PASSING and not self._is_due(event):
                return
            self._held.append(self._line(event))
            if not self._write_held():
                if event["event"] in PASSING:
                    self._held.pop()
                del self._held[:-_MOST_HELD]

    def flush(self, *, patience_s: float = 0.0, pause_s: float = 0.5) -> bool:
        """Write what is held, trying again for a while; False when something could not be written."""
        deadline = self._clock() + patience_s
        while True:
            with self._lock:
                if self._write_held():
                    return True
            if self._clock() >= deadline:
                return False
            time.sleep(pause_s)

    def close(self) -> None:
        """Close the file."""
        os.close(self._descriptor)

    def _is_due(self, event: Mapping[str, Any]) -> bool:
        now = self._clock()
        if now - self._last_passing < PASSING_EVERY_S and float(event.get("share") or 0.0) < 1.0:
            return False
        self._last_passing = now
        return True

    def _line(self, event: Mapping[str, Any]) -> bytes:
        self._number += 1
        frame = {"n": self._number, "token": self._token, "at": datetime.now(UTC).isoformat()}
        line = _dump({**frame, "event": event})
        if len(line) > MOST_LINE_BYTES:
            line = _dump(
                {**frame, "event": {"event": str(event["event"])[:100], "too_long_bytes": len(line)}}
            )
        return line

    def _write_held(self) -> bool:
        while self._held:
            line = (b"\n" if self._torn else b"") + self._held[0] + b"\n"
            try:
                written = os.write(self._descriptor, line)
            except OSError:
                return False
            if written < len(line):
                self._torn = self._torn or written > 0
                return False
            self._torn = False
            self._held.pop(0)
        return True


@dataclass(frozen=True, kw_only=True)
class Message:
    """One event as it was written.   number: 1, 2 … within the attempt.   end: byte offset behind its line."""

    number: int
    at: datetime
    event: Mapping[str, Any]
    end: int


@dataclass(frozen=True, kw_only=True)
class Tail:
    """What a look at the file found.   offset: where the next look begins."""

    messages: tuple[Message, ...]
    offset: int


def read_messages(path: Path, offset: int, token: str, *, most_bytes: int = MOST_READ_BYTES) -> Tail:
    """Return the whole lines behind byte `offset` that the attempt with `token` wrote.

    A last line that is not whole yet is left for the next look; lines that are no message, and those of other
    attempts, are passed over. A file that is gone or shorter than `offset` has nothing to say.
    """
    try:
        with path.open("rb") as file:
            file.seek(offset)
            block = file.read(most_bytes)
    except OSError:
        return Tail(messages=(), offset=offset)
    whole = block.rfind(b"\n") + 1
    if whole == 0 and len(block) == most_bytes:
        # No writer of ours makes such a line.
        return Tail(messages=(), offset=offset + len(block))
    found, position = [], offset
    for line in block[:whole].splitlines(keepends=True):
        position += len(line)
        message = _parse(line, token, position)
        if message is not None:
            found.append(message)
    return Tail(messages=tuple(found), offset=offset + whole)


def _parse(line: bytes, token: str, end: int) -> Message | None:
    with contextlib.suppress(ValueError, KeyError, TypeError):
        read = json.loads(line)
        if read["token"] == token and isinstance(read["event"], dict) and "event" in read["event"]:
            return Message(
                number=int(read["n"]), at=datetime.fromisoformat(read["at"]), event=read["event"], end=end
            )
    return None


def _dump(value: Mapping[str, Any]) -> bytes:
    # A worker may hand over numpy's numbers, or NaN from a model that failed: neither may end its work.
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, default=_plain)
    except ValueError:
        text = json.dumps(_finite(value), ensure_ascii=False, default=_plain)
    # A name that is no text (half of a pair, from a file's name) is shown with a mark, and ends nothing.
    return text.encode("utf-8", "replace")


def _plain(value: Any) -> Any:
    item = getattr(value, "item", None)
    return item() if callable(item) else str(value)


def _finite(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return None
    return value if value is None or isinstance(value, (str, bool, int, float)) else _finite(_plain(value))
