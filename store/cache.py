"""A cache on disk for what can be computed again: JSON values and bytes, never a pickle."""

from __future__ import annotations

import contextlib
import json
import logging
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import diskcache

_log = logging.getLogger(__name__)

#: The modes of a diskcache row that are read without running anything.
_RAW, _BINARY, _TEXT = 1, 2, 3
_JSON, _BYTES = b"j", b"b"


class PickleRefused(ValueError):
    """An entry of the cache says that it is a pickle: somebody put it there."""


class _PlainDisk(diskcache.Disk):  # type: ignore[misc]
    """Store bytes as they are and everything else as JSON; refuse to unpickle, whatever a row says of itself.

    diskcache unpickles a row whose mode says so, even under its own JSONDisk (CVE-2025-69872): the mode and the
    `raw` flag are read from the file, so they are checked here, before its code sees them.
    """

    def put(self, key: Any) -> tuple[str, bool]:
        return json.dumps(key, ensure_ascii=False, allow_nan=False, sort_keys=True), True

    def get(self, key: Any, raw: bool) -> Any:
        if not raw or not isinstance(key, str):
            raise PickleRefused("a key that is no text")
        return json.loads(key)

    def store(self, value: Any, read: bool, key: Any = diskcache.UNKNOWN) -> Any:
        if read:
            raise TypeError("Files are not cached.")
        content = (
            _BYTES + value
            if isinstance(value, bytes)
            else _JSON + json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
        )
        return super().store(content, False, key=key)

    def fetch(self, mode: int, filename: str | None, value: Any, read: bool) -> Any:
        if mode not in (_RAW, _BINARY) or read or (filename is not None and not _is_inside(filename)):
            raise PickleRefused(f"an entry of mode {mode}")
        content = super().fetch(mode, filename, value, False)
        if not isinstance(content, bytes) or content[:1] not in (_JSON, _BYTES):
            raise PickleRefused("an entry that is not ours")
        return content[1:] if content[:1] == _BYTES else json.loads(content[1:])


class Cache:
    """A cache in a folder of its own. It may forget anything at any time, and a broken one is thrown away."""

    def __init__(self, folder: Path, *, limit_bytes: int = 512 << 20) -> None:
        """folder: made when missing; nothing else may be kept in it."""
        self._folder = folder
        self._limit = limit_bytes
        self._cache = self._open()

    def get(self, key: Any) -> Any:
        """Return what was kept under a JSON-like key, or None."""
        try:
            return self._cache.get(key)
        except _FAULTS as error:
            self._rebuild(error)
            return None

    def set(self, key: Any, value: Any, *, expire_s: float | None = None) -> None:
        """Keep JSON-like values or bytes, for `expire_s` seconds where given.   Raises: TypeError, ValueError."""
        with contextlib.suppress(diskcache.Timeout):
            try:
                self._cache.set(key, value, expire=expire_s)
            except _BROKEN as error:
                self._rebuild(error)

    def forget(self, key: Any) -> None:
        """Drop one entry."""
        with contextlib.suppress(diskcache.Timeout, *_BROKEN):
            self._cache.delete(key)

    def close(self) -> None:
        """Close the files."""
        self._cache.close()

    def _open(self) -> diskcache.Cache:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder.chmod(0o700)
        try:
            cache = self._make()
            # The settings of the file win over ours otherwise, and its disk class is not ours to trust.
            cache.check()
        except _FAULTS as error:
            _log.warning("The cache in %s is broken and made anew: %s", self._folder, error)
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder.mkdir(mode=0o700, parents=True)
            cache = self._make()
        return cache

    def _make(self) -> diskcache.Cache:
        return diskcache.Cache(str(self._folder), disk=_PlainDisk, size_limit=self._limit, timeout=5)

    def _rebuild(self, error: Exception) -> None:
        _log.warning("The cache in %s is broken and made anew: %s", self._folder, error)
        with contextlib.suppress(*_BROKEN):
            self._cache.close()
        shutil.rmtree(self._folder, ignore_errors=True)
        self._cache = self._open()


_BROKEN = (sqlite3.Error, OSError)
_FAULTS = (*_BROKEN, ValueError, TypeError, KeyError)


def _is_inside(filename: str) -> bool:
    path = Path(filename)
    return not path.is_absolute() and ".." not in path.parts
