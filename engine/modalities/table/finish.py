"""What only the whole imported column can tell: constants, identifiers, day-first dates, infinite numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import duckdb

from engine.modalities.table.dates import settle_day_or_month
from engine.modalities.table.decide import is_id_name
from engine.specs.schema import BLANKS, Column
from engine.sql import parquet, quote_name, quote_text

_CHUNK = 32
_MIN_IDENTIFIERS = 20
#: approx_count_distinct is right to about 2 %; a column is called unique above this share of its values.
_UNIQUE_SHARE = 0.95
_YEARS = (1800, 2100)
#: Semantic types whose values come again and again.
_REPEATING = ("category", "boolean", "datetime")


def count_infinite(
    connection: duckdb.DuckDBPyConnection, data: Path, columns: Sequence[Column]
) -> dict[str, int]:
    """Return the number of infinite and NaN values per double column, where there are any."""
    names = [column.name for column in columns if column.physical == "double"]
    found: dict[str, int] = {}
    for start in range(0, len(names), _CHUNK):
        part = names[start : start + _CHUNK]
        counts = ", ".join(f"count(*) FILTER (NOT isfinite({quote_name(name)}))" for name in part)
        row = connection.execute(f"SELECT {counts} FROM {parquet(data)}").fetchall()[0]
        found |= {name: count for name, count in zip(part, row, strict=True) if count}
    return found


def count_unclean(
    connection: duckdb.DuckDBPyConnection, data: Path, columns: Sequence[Column]
) -> dict[str, tuple[int, int]]:
    """Return (cells with outer blanks, cells that are a missing token) per string column, where there are any.

    A category is judged once per distinct value: a tenth of the time of judging each cell.
    """
    found: dict[str, tuple[int, int]] = {}
    for column in columns:
        if column.physical != "string":
            continue
        cells = f"SELECT {quote_name(column.name)} AS v, 1 AS n FROM {parquet(data)}"
        if column.semantic in _REPEATING:
            cells = f"SELECT v, count(*) AS n FROM ({cells}) GROUP BY v"
        blanks, tokens = connection.execute(
            f"SELECT coalesce(sum(n) FILTER ({_has_blanks('v')}), 0), "
            f"coalesce(sum(n) FILTER ({_is_token('v', column.missing_tokens)}), 0) FROM ({cells})"
        ).fetchall()[0]
        if blanks or tokens:
            found[column.name] = (int(blanks), int(tokens))
    return found


def _has_blanks(name: str) -> str:
    """SQL: the cell, never '', begins or ends with a blank."""
    ends = (f"contains({quote_text(BLANKS)}, {end}({name}, 1))" for end in ("left", "right"))
    return " OR ".join(ends)


def _is_token(name: str, tokens: Sequence[str]) -> str:
    """A lookup in a constant map is a quarter of the time of IN."""
    keys = ", ".join(quote_text(token) for token in ("", *tokens))
    return f"map_contains(map([{keys}], [{', '.join('1' * (len(tokens) + 1))}]), {name})"


def finish_columns(
    connection: duckdb.DuckDBPyConnection, data: Path, columns: Sequence[Column], rows: int
) -> tuple[list[Column], list[str]]:
    """Settle every column's semantic type by all its values.   Returns: columns, and notes for a person."""
    relation = parquet(data)
    finished: list[Column] = []
    notes: list[str] = []
    for start in range(0, len(columns), _CHUNK):
        part = columns[start : start + _CHUNK]
        row = connection.execute(f"SELECT {', '.join(map(_facts, part))} FROM {relation}").fetchall()[0]
        for column, (present, low, high, distinct) in zip(
            part, zip(*[iter(row)] * 4, strict=True), strict=True
        ):
            if column.semantic == "datetime" and column.datetime_format:
                pattern = settle_day_or_month(connection, relation, column.name, column.datetime_format)
                finished.append(replace(column, datetime_format=pattern))
            elif present == 0 or (low == high and present == rows and rows > 1):
                finished.append(replace(column, semantic="constant"))
            elif column.semantic == "constant":
                finished.append(replace(column, semantic="category"))
            elif column.physical == "int64" and _counts_up(
                connection, relation, column, (present, low, high, distinct)
            ):
                finished.append(replace(column, semantic="identifier"))
            elif column.semantic == "identifier" and distinct < 0.9 * present:
                finished.append(replace(column, semantic="category"))
            else:
                finished.append(column)
    return finished, notes


def _facts(column: Column) -> str:
    name = quote_name(column.name)
    distinct = f"approx_count_distinct({name})" if column.semantic == "identifier" else "0"
    # The lowest and highest of long texts cost more than all else; only what may be constant needs them.
    bounds = f"min({name}), max({name})"
    if column.physical == "string" and column.semantic != "constant":
        bounds = "'', ' '"
    return f"count({name}), {bounds}, {distinct}"


def _counts_up(
    connection: duckdb.DuckDBPyConnection, relation: str, column: Column, facts: tuple[int, int, int, int]
) -> bool:
    """Whole numbers that differ in (nearly) every row and are called an id, or run 0, 1, 2 … in file order."""
    present, low, high, _ = facts
    if present < _MIN_IDENTIFIERS or high - low + 1 < _UNIQUE_SHARE * present:
        return False
    if is_id_name(column.name):
        query = f"SELECT approx_count_distinct({quote_name(column.name)}) FROM {relation}"
        return int(connection.execute(query).fetchall()[0][0]) >= 0.9 * present
    if high - low + 1 != present or (low >= _YEARS[0] and high <= _YEARS[1]):
        return False
    name = quote_name(column.name)
    steps = connection.execute(
        f"SELECT count(*) FILTER (v <> before + 1) FROM "
        f"(SELECT {name} AS v, lag({name}) OVER () AS before FROM {relation} LIMIT 1000000)"
    ).fetchall()[0]
    return int(steps[0]) == 0
