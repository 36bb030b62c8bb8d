"""Every setting that comes from the environment; each has a row in the README."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields

from engine.errors import BadCommand

GIB = 1 << 30


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Limits of this machine that the work must keep to.

    threads: processor threads one run may use (AIMASS_THREADS).
    memory_gib: memory that reading and sorting data may use, in GiB; more goes to disk (AIMASS_MEMORY_GIB).
    """

    threads: int
    memory_gib: float

    @property
    def memory_bytes(self) -> int:
        return int(self.memory_gib * GIB)


def environment_names() -> tuple[str, ...]:
    """Return the environment variable of every setting."""
    return tuple(f"AIMASS_{field.name.upper()}" for field in fields(Settings))


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Read the settings, with defaults from the machine.   Raises: BadCommand naming the variable."""
    threads = _number(environment, "AIMASS_THREADS", len(os.sched_getaffinity(0)), low=1, high=1024)
    memory = _number(environment, "AIMASS_MEMORY_GIB", 1.0, low=0.25, high=4096)
    return Settings(threads=int(threads), memory_gib=memory)


def _number(environment: Mapping[str, str], name: str, default: float, *, low: float, high: float) -> float:
    text = environment.get(name, "").strip()
    if not text:
        return default
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not low <= value <= high:
        raise BadCommand(
            f"The setting {name} cannot be used. Expected: a number in [{low:g}, {high:g}]. Received: {text!r}.",
            remedy=f"Correct or unset {name}.",
        )
    return value
