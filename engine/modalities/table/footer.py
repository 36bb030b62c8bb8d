"""What the footer of a Parquet file that DuckDB wrote tells of each column, without reading a value."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import duckdb

from engine.sql import glob_escape, quote_text


@dataclass(frozen=True, kw_only=True)
class Footer:
    """One column.   present: values that are not NULL.   low, high: bounds of them (numbers as float, exact below
    2**53; texts in the order of their bytes); None where the footer does not say, as for NaN, infinities and no
    value at all.
    """

    present: int
    low: float | str | None
    high: float | str | None

    @property
    def is_finite(self) -> bool:
        """Whether every value is known to be a finite number."""
        bounds = (self.low, self.high)
        return self.present == 0 or all(isinstance(b, float) and math.isfinite(b) for b in bounds)

    def may_hold(self, text: str) -> bool:
        """Whether a column of texts may hold `text`."""
        if not (isinstance(self.low, str) and isinstance(self.high, str)):
            return self.present > 0
        return self.low.encode() <= text.encode() <= self.high.encode()

    def is_between(self, low: str, high: str) -> bool:
        """Whether no text of a column is below `low` or above `high`."""
        if not (isinstance(self.low, str) and isinstance(self.high, str)):
            return self.present == 0
        return low.encode() <= self.low.encode() and self.high.encode() <= high.encode()


def read_footers(connection: duckdb.DuckDBPyConnection, data: Path) -> dict[str, Footer]:
    """Return what the footer says of each column of a flat table, by name.

    DuckDB leaves the bounds out where a row group holds NaN or an infinity; other writers may not.
    """
    rows = connection.execute(
        "SELECT path_in_schema, any_value(type), sum(num_values - stats_null_count), "
        "count(*) FILTER (num_values > stats_null_count AND (stats_min_value IS NULL OR stats_max_value IS NULL)), "
        "min(TRY_CAST(stats_min_value AS DOUBLE)), max(TRY_CAST(stats_max_value AS DOUBLE)), "
        "min(stats_min_value), max(stats_max_value) "
        f"FROM parquet_metadata({quote_text(glob_escape(data))}) GROUP BY path_in_schema"
    ).fetchall()
    footers: dict[str, Footer] = {}
    for name, kind, present, unknown, lowest, highest, first, last in rows:
        bounds = (first, last) if kind == "BYTE_ARRAY" else (lowest, highest)
        low, high = (None, None) if unknown else bounds
        footers[name] = Footer(present=int(present), low=low, high=high)
    return footers
