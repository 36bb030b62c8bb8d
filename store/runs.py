"""A run's folder: who owns it, what was asked, and the events of all attempts."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

SPEC_NAME = "run.json"
EVENTS_NAME = "events.jsonl"
LOCK_NAME = ".lock"


class FolderInUse(Exception):
    """Another living process works in this run folder."""


class NotARunFolder(Exception):
    """The folder holds something that is not a run of ours."""


class DifferentRun(Exception):
    """The folder holds a run that was asked for differently."""

    def __init__(self, differences: Mapping[str, tuple[Any, Any]]) -> None:
        """differences: field → (in the folder, asked now)."""
        super().__init__(", ".join(differences))
        self.differences = differences


class RunFolder:
    """An open run folder; use it as a context manager.

    One process at a time: the lock is a `flock` on a file of its own, so it frees itself when its holder dies
    (RELIABILITY facts 2 and 3). Events are appended a line each; a line torn by a kill is closed, never glued to.
    """

    def __init__(self, path: Path, spec: Mapping[str, Any]) -> None:
        self.path = path
        self._spec = spec
        self._created = False
        self._lock: int | None = None
        self._events: int | None = None

    def __enter__(self) -> Self:
        """Claim the folder.   Raises: NotARunFolder, DifferentRun, FolderInUse, OSError."""
        self._refuse_foreign()
        self._created = not self.path.exists()
        self.path.mkdir(parents=True, exist_ok=True)
        self._lock = os.open(self.path / LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._match_spec()
            self._events = os.open(
                self.path / EVENTS_NAME, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644
            )
            self._close_torn_line()
        except BlockingIOError as error:
            self._close()
            raise FolderInUse(str(self.path)) from error
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def discard_if_new(self) -> None:
        """Remove the folder if this call made it: what was asked cannot be done, so nothing stays behind."""
        if self._created:
            shutil.rmtree(self.path, ignore_errors=True)

    def append(self, event: Mapping[str, Any], *, elapsed_s: float) -> None:
        """Append one event with the time of day and the run's elapsed seconds over all attempts."""
        if self._events is None:
            raise ValueError("The run folder is not open.")
        stamp = datetime.now(UTC).isoformat(timespec="milliseconds")
        line = json.dumps({"time": stamp, "elapsed_s": round(elapsed_s, 3), **event}, ensure_ascii=False)
        os.write(self._events, line.encode() + b"\n")

    def elapsed_s(self) -> float:
        """Seconds that earlier attempts worked, as far as they reported; 0 for a new run."""
        events = read_events(self.path)
        return float(events[-1]["elapsed_s"]) if events else 0.0

    def change_spec(self, spec: Mapping[str, Any]) -> None:
        """Put another spec in place of the one that the folder holds, in one step."""
        _write_spec(self.path / SPEC_NAME, spec)
        self._spec = spec

    def _refuse_foreign(self) -> None:
        if not self.path.exists():
            return
        if not self.path.is_dir() or (any(self.path.iterdir()) and not self._is_run()):
            raise NotARunFolder(str(self.path))

    def _is_run(self) -> bool:
        # A kill between making the folder and writing the spec leaves only our lock.
        names = {entry.name for entry in self.path.iterdir() if not entry.name.startswith(".tmp-")}
        return SPEC_NAME in names or names <= {LOCK_NAME}

    def _match_spec(self) -> None:
        path = self.path / SPEC_NAME
        if path.exists():
            held = json.loads(path.read_text(encoding="utf-8"))
            differences = {
                key: (held.get(key), self._spec.get(key))
                for key in sorted({*held, *self._spec})
                if held.get(key) != self._spec.get(key)
            }
            if differences:
                raise DifferentRun(differences)
            return
        _write_spec(path, self._spec)

    def _close_torn_line(self) -> None:
        if self._events is None:
            return
        size = os.fstat(self._events).st_size
        if size and os.pread(self._events, 1, size - 1) != b"\n":
            os.write(self._events, b"\n")

    def _close(self) -> None:
        for descriptor in (self._events, self._lock):
            if descriptor is not None:
                os.close(descriptor)
        self._events = self._lock = None


def read_spec(folder: Path) -> dict[str, Any]:
    """Return the spec that a run folder holds.   Raises: OSError when it is not a run folder."""
    held: dict[str, Any] = json.loads((folder / SPEC_NAME).read_text(encoding="utf-8"))
    return held


def _write_spec(path: Path, spec: Mapping[str, Any]) -> None:
    temporary = path.with_name(f".tmp-{path.name}")
    with temporary.open("w", encoding="utf-8") as file:
        json.dump(spec, file, ensure_ascii=False, indent=1)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def read_events(
    folder: Path, keep: Callable[[Mapping[str, Any]], bool] | None = None
) -> list[dict[str, Any]]:
    """Return the whole events of a run folder in order; torn lines are passed over."""
    path = folder / EVENTS_NAME
    if not path.exists():
        return []
    events = []
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            event = json.loads(line)
        except json.JSONDecodeError:
            continue
        if isinstance(event, dict) and "elapsed_s" in event and (keep is None or keep(event)):
            events.append(event)
    return events
