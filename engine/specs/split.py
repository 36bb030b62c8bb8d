"""How rows are divided into training, validation and test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

SetName = Literal["train", "valid", "test"]
SETS: tuple[SetName, ...] = ("train", "valid", "test")


@dataclass(frozen=True, kw_only=True)
class SplitSpec:
    """Which splitter divides the rows, and how.

    splitter: a name from `engine.splitters.CATALOGUE`.  column: the group or time column, where the splitter needs one.
    valid_share, test_share: of all rows, each in (0, 0.5).  seed: the same seed divides the same rows the same way.
    folds: out-of-fold groups among training rows, for target encoding.  reason: why it was proposed, for a person.
    """

    splitter: str
    column: str | None = None
    valid_share: float = 0.16
    test_share: float = 0.2
    seed: int = 0
    folds: int = 5
    reason: str = ""
    version: int = 1
