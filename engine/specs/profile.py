"""What the values of a table look like: the facts that plans, splits and advice are proposed from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Alert:
    """Something a person should know about a column or table.   code: stable word such as "mostly_missing"."""

    code: str
    message: str


@dataclass(frozen=True, kw_only=True)
class TargetLink:
    """How strongly one column alone goes with the target.

    measure: "correlation_ratio", "cramers_v" or "spearman".   value: 0 (none) to 1 (perfect).
    """

    measure: str
    value: float


@dataclass(frozen=True, kw_only=True)
class ColumnProfile:
    """Facts of one column. Numbers only: minimum … histogram. Strings: top_values, mean_length, mean_words.

    rows: all rows, missing ones included.  distinct: distinct present values (approximate above 1 million rows).
    quantiles: share as text ("0.01", "0.25", "0.5" …) to value.  histogram_edges: one more than histogram_counts.
    top_values: most frequent first, at most 50, with their counts.
    is_sorted: values never decrease in file order (dates compare as times).
    """

    name: str
    rows: int
    missing: int
    distinct: int
    minimum: float | None = None
    maximum: float | None = None
    mean: float | None = None
    std: float | None = None
    zeros: int = 0
    infinite: int = 0
    quantiles: Mapping[str, float] = field(default_factory=dict)
    histogram_edges: tuple[float, ...] = ()
    histogram_counts: tuple[int, ...] = ()
    top_values: tuple[tuple[str, int], ...] = ()
    mean_length: float | None = None
    mean_words: float | None = None
    earliest: str | None = None
    latest: str | None = None
    is_sorted: bool = False
    target_link: TargetLink | None = None
    alerts: tuple[Alert, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Profile:
    """Facts of a table.   duplicate_rows: rows that repeat an earlier row in every column."""

    rows: int
    duplicate_rows: int
    columns: tuple[ColumnProfile, ...]
    alerts: tuple[Alert, ...] = ()
    version: int = 1

    @property
    def by_name(self) -> Mapping[str, ColumnProfile]:
        return {column.name: column for column in self.columns}
