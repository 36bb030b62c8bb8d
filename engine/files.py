"""Write files so that a reader, or a restart, sees the old one or the new one and never half of one."""

from __future__ import annotations

import json
import os
import shutil
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any


def read_json(path: Path) -> Any:
    """Parse a JSON file written by `write_json`."""
    return json.loads(path.read_text(encoding="utf-8"))


def write_json(path: Path, value: Any) -> None:
    """Write `value` as JSON to `path` in one step: temporary name, flush, rename. NaN is refused."""
    write_bytes(path, json.dumps(value, ensure_ascii=False, allow_nan=False, indent=1).encode())


def write_bytes(path: Path, content: bytes) -> None:
    """Write `content` to `path` in one step: temporary name, flush, rename."""
    temporary = temporary_beside(path)
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    sync_folder(path.parent)


def publish_folder(target: Path, fill: Callable[[Path], None]) -> None:
    """Let `fill` write into a temporary folder, then rename it to `target`: whole or not there at all.

    An older `target` is replaced. Source: RELIABILITY rule R2 (write, fsync, rename, fsync parent).
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = temporary_beside(target)
    temporary.mkdir()
    try:
        fill(temporary)
        for path in temporary.rglob("*"):
            if path.is_file():
                _sync(path)
        sync_folder(temporary)
        doomed = temporary_beside(target)
        if target.exists():
            target.rename(doomed)
        temporary.rename(target)
        shutil.rmtree(doomed, ignore_errors=True)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    sync_folder(target.parent)


def temporary_beside(path: Path) -> Path:
    """Return an unused name in the folder of `path`; `sweep_temporary` removes what a kill left there."""
    return path.with_name(f".tmp-{uuid.uuid4().hex}-{path.name}"[:200])


def sweep_temporary(folder: Path) -> None:
    """Remove what a killed writer left in `folder` and below."""
    for path in folder.rglob(".tmp-*"):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Flush a folder's entries, so that a rename in it outlives a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
