"""How rows are divided into training, validation and test."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

SetName = Literal["train", "valid", "test"]
SETS: tuple[SetName, ...] = ("train", "valid", "test")


@dataclass(frozen=True, kw_only=True)
class SplitSpec:
    """Which splitter divides the rows, and how.

    splitter: a name from `engine.splitters.CATALOGUE`.  column: the group, time or set column, where it needs one.
    valid_share, test_share: of all rows, each in (0, 0.5). Where sets are given, valid_share is of the training rows.
    seed: the same seed divides the same rows the same way.
    folds: out-of-fold groups among training rows, for target encoding.
    reason: why it was proposed, for a person.
    """

    splitter: str
    column: str | None = None
    valid_share: float = 0.16
    test_share: float = 0.2
    seed: int = 0
    folds: int = 5
    reason: str = ""
    version: int = 1


@dataclass(frozen=True, kw_only=True)
class SplitSummary:
    """What a division of the rows came out as.

    rows: per set.  classes: per set, rows of each class; empty for regression.
    unlabelled: rows left out because their target is missing.
    duplicate_rows: labelled rows that repeat an earlier one in every column.
    straddled: distinct rows that are found in two sets; counted in the written file, always 0.
    given: sets that the data named, where they did.   crossing: rows of each set that another set holds too (the same
        row but for its names, or a picture that looks alike); only where sets were given.
    units: what was kept together, per set: groups, moments or distinct rows (in large data, buckets of them).
    untimed: rows without a readable time, all in training.  first, last: the time range of each set.
    """

    rows: Mapping[str, int]
    classes: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    unlabelled: int = 0
    duplicate_rows: int = 0
    straddled: int = 0
    units: Mapping[str, int] = field(default_factory=dict)
    untimed: int = 0
    first: Mapping[str, str] = field(default_factory=dict)
    last: Mapping[str, str] = field(default_factory=dict)
    given: tuple[SetName, ...] = ()
    crossing: Mapping[str, int] = field(default_factory=dict)


LeakKind = Literal["copy", "predicts", "identifier", "set"]


@dataclass(frozen=True, kw_only=True)
class Leak:
    """A column that should not be used because it holds the answer, or names the row.

    kind: "copy" (the target in other words), "predicts" (tells the target almost without error on rows it was
        not learned from), "identifier" (a name of the row, which means nothing for a new row) or "set" (it names the
        set of the row; nobody may keep it).
    score: 0 to 1, how much of the target the column tells; for an identifier, its share of distinct values.
    message: a sentence for a person.
    """

    column: str
    kind: LeakKind
    score: float
    message: str
