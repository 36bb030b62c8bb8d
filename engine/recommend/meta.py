"""What a data set is like, in two dozen numbers that say nothing of its columns' names or values."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from engine.specs.profile import ColumnProfile, Profile
from engine.specs.schema import Column, Schema, Task
from engine.specs.training import TaskSpec

#: Distinct values up to which a number column is a code or a count rather than a measurement.
_FEW_VALUES = 20
#: A tail is long where the outer 1 % lies so many quartile ranges away from the middle.
_LONG_TAIL = 6.0
#: A column alone says something about the target from here on.
_TELLING = 0.2


@dataclass(frozen=True, kw_only=True)
class MetaFeatures:
    """Facts of a data set and its question. Shares lie in [0, 1]; every number is finite.

    rows: training rows.  columns: besides the target, those that are constant or name rows left out.
    numbers, categories, texts, dates: how many columns of each kind.
    missing: share of cells.  incomplete: share of columns that miss a cell.
    coded: share of number columns with few distinct values.  tailed: share of number columns with a long tail.
    cardinality: mean of log10(1 + distinct values) over columns of words; widest: of the one with the most.
    classes: 0 for values.  rarest: the rarest class's share of rows, 1 for values.
    entropy: of the classes, 1 where all are as frequent; of values 1.
    skew: how far the target's mean lies from its median, in standard deviations; 0 for classes.
    repeated: distinct values of the target in a row's share: 1 where every row has its own; 0 for classes.
    duplicates: share of rows that repeat an earlier one.
    strongest, average: how strongly one column alone goes with the target, the best of them and on average.
    telling: share of columns that say something alone.
    """

    task: Task
    rows: int
    columns: int
    numbers: int
    categories: int
    texts: int = 0
    dates: int = 0
    missing: float = 0.0
    incomplete: float = 0.0
    coded: float = 0.0
    tailed: float = 0.0
    cardinality: float = 0.0
    widest: float = 0.0
    classes: int = 0
    rarest: float = 1.0
    entropy: float = 1.0
    skew: float = 0.0
    repeated: float = 0.0
    duplicates: float = 0.0
    strongest: float = 0.0
    average: float = 0.0
    telling: float = 0.0

    @property
    def word_share(self) -> float:
        """Share of columns that hold categories or text."""
        return (self.categories + self.texts) / max(1, self.columns)

    def coordinates(self) -> tuple[float, ...]:
        """Return the point that distances are measured from, one number for each of `COORDINATES`; always finite."""
        return tuple(_finite(one) for one in (
            math.log10(1 + max(0, self.rows)),
            math.log10(1 + max(0, self.columns)),
            math.log10(max(1e-3, self.rows / max(1, self.columns))),
            self.word_share,
            self.missing,
            self.coded,
            self.tailed,
            self.cardinality,
            math.log10(1 + max(0, self.classes)),
            math.log10(max(1e-4, self.rarest)),
            self.entropy,
            self.skew,
            self.repeated,
            self.duplicates,
            self.strongest,
            self.average,
            self.telling,
        ))  # fmt: skip


#: What each coordinate is, in order.
COORDINATES = (
    "rows", "columns", "rows per column", "words", "missing", "coded", "tailed", "cardinality", "classes",
    "rarest", "entropy", "skew", "repeated", "duplicates", "strongest", "average", "telling",
)  # fmt: skip


def meta_features(schema: Schema, profile: Profile, task: TaskSpec, *, rows: int) -> MetaFeatures:
    """Return what a table and its question are like.

    schema, profile: of the imported table, the target among its columns.   rows: training rows.
    Columns without a profile are left out, so a profile of another table gives few facts rather than an error.
    """
    facts = profile.by_name
    told = [
        (column, facts[column.name])
        for column in schema.columns
        if column.name != task.target
        and column.name in facts
        and column.semantic not in ("constant", "identifier", "image")
    ]
    numbers = [fact for column, fact in told if column.semantic == "number"]
    words = [fact for column, fact in told if column.semantic in ("category", "boolean", "text")]
    links = [_finite(fact.target_link.value) for _, fact in told if fact.target_link is not None]
    widths = [math.log10(1 + max(0, fact.distinct)) for fact in words]
    present = [fact.missing / fact.rows for _, fact in told if fact.rows]
    return MetaFeatures(
        task=task.task,
        rows=max(0, rows),
        columns=len(told),
        numbers=len(numbers),
        categories=_count(told, "category", "boolean"),
        texts=_count(told, "text"),
        dates=_count(told, "datetime"),
        missing=_mean(present),
        incomplete=_mean([float(share > 0) for share in present]),
        coded=_mean([float(fact.distinct <= _FEW_VALUES) for fact in numbers]),
        tailed=_mean([float(_has_long_tail(fact)) for fact in numbers]),
        cardinality=_mean(widths),
        widest=max(widths, default=0.0),
        duplicates=profile.duplicate_rows / profile.rows if profile.rows else 0.0,
        strongest=max(links, default=0.0),
        average=_mean(links),
        telling=_mean([float(link >= _TELLING) for link in links]),
        **_of_target(facts.get(task.target), task),
    )


def _of_target(fact: ColumnProfile | None, task: TaskSpec) -> dict[str, Any]:
    if task.task == "regression":
        if fact is None or fact.mean is None or not fact.std:
            return {}
        middle = fact.quantiles.get("0.5", fact.mean)
        present = max(1, fact.rows - fact.missing)
        return {
            "skew": max(-1.0, min(1.0, _finite((fact.mean - middle) / fact.std))),
            "repeated": min(1.0, fact.distinct / present),
        }
    classes = max(1, len(task.classes))
    counts = _class_counts(fact, classes)
    total = sum(counts)
    if not total:
        return {"classes": classes, "rarest": 1.0 / classes}
    shares = [count / total for count in counts if count]
    entropy = -sum(share * math.log(share) for share in shares)
    return {
        "classes": classes,
        "rarest": min(shares),
        "entropy": entropy / math.log(len(shares)) if len(shares) > 1 else 0.0,
    }


def _class_counts(fact: ColumnProfile | None, classes: int) -> Sequence[int]:
    """Return rows per class: exact for words, by the histogram for classes that are written as numbers."""
    if fact is None:
        return ()
    if fact.top_values:
        return [count for _, count in fact.top_values[:classes]]
    return [count for count in fact.histogram_counts if count]


def _has_long_tail(fact: ColumnProfile) -> bool:
    low, middle, high = (fact.quantiles.get(share) for share in ("0.25", "0.5", "0.75"))
    if low is None or middle is None or high is None or high <= low:
        return False
    ends = [fact.quantiles.get(share, middle) for share in ("0.01", "0.99")]
    return max(abs(end - middle) for end in ends) > _LONG_TAIL * (high - low)


def _count(told: Sequence[tuple[Column, ColumnProfile]], *kinds: str) -> int:
    return sum(column.semantic in kinds for column, _ in told)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def _finite(value: float) -> float:
    return float(value) if math.isfinite(value) else 0.0
