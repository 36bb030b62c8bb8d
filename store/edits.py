"""A log of what people changed about something that is itself never rewritten: JSON lines, only ever added to."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from store.folder import PRIVATE_FILE


def append(path: Path, line: Mapping[str, Any]) -> None:
    """Add a line and wait until it is on the disk; the caller lets nobody else write meanwhile.   Raises: OSError."""
    text = json.dumps(line, ensure_ascii=False, allow_nan=False).encode()
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, PRIVATE_FILE)
    with os.fdopen(descriptor, "r+b") as file:
        # A kill in the middle of a line leaves its beginning: it is ended, so that it spoils no other.
        if file.seek(0, os.SEEK_END) and _last_byte(file) != b"\n":
            text = b"\n" + text
        file.write(text + b"\n")
        file.flush()
        os.fsync(file.fileno())


def read(path: Path) -> tuple[dict[str, Any], ...]:
    """Return the lines, oldest first; () where nothing was changed yet. Half a line of a kill counts for nothing."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return ()
    lines = []
    for raw in content.split(b"\n"):
        try:
            line = json.loads(raw) if raw else None
        except ValueError:
            continue
        if isinstance(line, dict):
            lines.append(line)
    return tuple(lines)


def _last_byte(file: Any) -> bytes:
    file.seek(-1, os.SEEK_END)
    return bytes(file.read(1))
