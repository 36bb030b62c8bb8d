"""What was measured: one JSON line each, appended at once, never measured again."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Result:
    """One fit of one system on one set.

    budget_s: 0 for a system that has none.  score: of the test rows; None when the system failed (`error` says why).
    fit_s: wall time of the whole fit.  predict_first_s: the first answer for all test rows, as the fit left the system;
    predict_s: the best of three more, all models in memory.  size_bytes: what must be kept to answer.
    best: what the system put its trust in.  models: how many of each family it trained.  facts: more, by system.
    rows: digest of the test positions.  busy_before: how busy the machine was before, 0 to 1, without us.
    """

    set: str
    system: str
    budget_s: float
    seed: int
    metric: str
    score: float | None
    rows: str
    train_rows: int
    test_rows: int
    fit_s: float | None = None
    predict_first_s: float | None = None
    predict_s: float | None = None
    size_bytes: int | None = None
    best: str = ""
    models: Mapping[str, int] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    error: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
    cores: int = 0
    machine: str = ""
    busy_before: float | None = None
    date: str = ""

    @property
    def key(self) -> tuple[str, str, float, int, str]:
        return self.set, self.system, self.budget_s, self.seed, self.rows


def read(path: Path) -> list[Result]:
    """Return what is in the file, the last of each key; none without a file.

    A line that was cut off by a stop is passed over: it was never finished, so it is measured again.
    """
    found: dict[tuple[str, str, float, int, str], Result] = {}
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    for line in lines:
        try:
            result = Result(**json.loads(line))
        except json.JSONDecodeError:
            continue
        found[result.key] = result
    return list(found.values())


def append(path: Path, result: Result) -> None:
    """Add a line and have the disk confirm it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b") as file:
        if file.tell() and not _ends_a_line(path):
            file.write(b"\n")
        file.write(json.dumps(asdict(result), ensure_ascii=False).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())


def _ends_a_line(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"
