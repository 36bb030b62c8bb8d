"""What happened in a search, on disk before anybody is told: one line per fact, each with its length and checksum.

Optuna's own journal is glued to a torn last line by the next append and refuses the whole file for one flipped bit
(RELIABILITY fact 10), so the ledger is ours, and Optuna's memory is rebuilt from it.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import threading
import zlib
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from engine.errors import InvalidSpec, WorkFailed
from engine.files import sync_folder, write_bytes
from engine.specs.codec import from_json, to_json
from engine.specs.search import TrialRecord

#: "checksum length record": a line is looked for at any byte, so that a lost line break costs no second line.
_LINE = re.compile(rb"([0-9a-f]{8}) (\d{1,7}) (?=\{)")


class Ledger:
    """The trials of one search, in one file that only grows.   Safe to use from several threads.

    damaged: True when the file held bytes that no whole record explains; they lie in `<name>.damaged`.
    """

    def __init__(self, path: Path) -> None:
        """Open or begin the ledger at `path`, and mend what a kill or a bad disk left there.

        Raises: WorkFailed when another process writes this ledger.
        """
        self.path = path
        self._lock = threading.Lock()
        path.parent.mkdir(parents=True, exist_ok=True)
        self._owner = _take(path)
        try:
            self._records, self.damaged = self._mend()
            self._file = path.open("ab", buffering=0)
            sync_folder(path.parent)
        except BaseException:
            os.close(self._owner)
            raise

    def records(self) -> tuple[TrialRecord, ...]:
        """Return every fact in the order it was written; a trial has one at its start and one at its end."""
        with self._lock:
            return tuple(self._records)

    def append(self, record: TrialRecord) -> None:
        """Write one fact and flush it to the disk before returning.

        Raises: OSError when the disk is full or broken; the half-written line is taken back.
        """
        line = _line(record)
        with self._lock:
            whole = self._file.seek(0, os.SEEK_END)
            try:
                written = self._file.write(line)
                if written != len(line):
                    raise OSError(f"Only {written} of {len(line)} bytes could be written to {self.path}.")
                os.fsync(self._file.fileno())
            except OSError:
                self._file.truncate(whole)
                raise
            self._records.append(record)

    def close(self) -> None:
        """Let another process open the ledger."""
        with self._lock:
            self._file.close()
            if self._owner >= 0:
                os.close(self._owner)
                self._owner = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _mend(self) -> tuple[list[TrialRecord], bool]:
        content = self.path.read_bytes() if self.path.exists() else b""
        records, whole = read_records(content)
        if whole == content:
            return records, False
        if content.startswith(whole):
            # The last line is torn: it was never acknowledged, and nothing may be glued to it.
            with self.path.open("r+b") as file:
                file.truncate(len(whole))
                os.fsync(file.fileno())
            return records, False
        write_bytes(self.path.with_name(f"{self.path.name}.damaged"), content)
        write_bytes(self.path, whole)
        return records, True


def read_records(content: bytes) -> tuple[list[TrialRecord], bytes]:
    """Return the whole records in `content` in order, and the lines they stand in, without anything else."""
    records, lines = [], []
    for line in _whole_lines(content):
        try:
            records.append(from_json(TrialRecord, json.loads(line[line.index(b"{") :])))
        except (ValueError, InvalidSpec):
            continue  # the bytes are as written, by another version: not ours to understand
        lines.append(line + b"\n")
    return records, b"".join(lines)


def latest(records: tuple[TrialRecord, ...]) -> dict[int, TrialRecord]:
    """Return number → the last fact about each trial, by number."""
    found = {record.number: record for record in records}
    return dict(sorted(found.items()))


def _whole_lines(content: bytes) -> Iterator[bytes]:
    at = 0
    while match := _LINE.search(content, at):
        end = match.end() + int(match[2])
        text = content[match.end() : end]
        if len(text) == int(match[2]) and b"%08x" % zlib.crc32(text) == match[1]:
            yield content[match.start() : end]
            at = end
        else:
            at = match.start() + 1


def _line(record: TrialRecord) -> bytes:
    text = json.dumps(to_json(record), ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    return b"%08x %d %s\n" % (zlib.crc32(text), len(text), text)


def _take(path: Path) -> int:
    """Return a locked descriptor; the lock is on a file beside, as a mended ledger is another file."""
    owner = os.open(path.with_name(f"{path.name}.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(owner, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(owner)
        raise WorkFailed(
            f"The search in {str(path)!r} is being written by another process.",
            remedy="Wait until the other one has ended, or end it.",
        ) from error
    return owner
