"""Test files divided among processes that run side by side."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Sequence
from pathlib import Path


def files_of_part(asked: str, files: Sequence[Path]) -> frozenset[Path]:
    """Return the files of one part: neighbours, since they import the same, about as much work as in any other.

    asked: "I/N", the I-th of N parts.   Raises: ValueError when it is something else.
    """
    given = re.fullmatch(r"([1-9]\d*)/([1-9]\d*)", asked)
    if given is None or int(given[1]) > int(given[2]):
        raise ValueError(f"--part is wrong. Expected I/N with 1 ≤ I ≤ N. Received: {asked}.")
    number, count = int(given[1]), int(given[2])
    ordered = sorted(files)
    ends = list(itertools.accumulate(map(work_of, ordered)))
    return frozenset(
        file for file, end in zip(ordered, ends, strict=True) if math.ceil(end * count / ends[-1]) == number
    )


def work_of(file: Path) -> float:
    """Return about how much work a file's tests are, by its bytes: those of the house open databases and servers.

    Measured: 2,073 tests that were half of the bytes took 62 s, the other half 36 s.
    """
    return file.stat().st_size * (1.6 if {"app", "architecture", "pages"}.intersection(file.parts) else 1.0)
