"""What only the whole imported column can tell: constants, identifiers, day-first dates, infinite numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import duckdb

from engine.modalities.table.dates import settle_day_or_month
from engine.modalities.table.decide import is_id_name
from engine.modalities.table.footer import Footer, read_footers
from engine.specs.schema import BLANKS, Column
from engine.sql import parquet, quote_name, quote_text

_CHUNK = 32
_MIN_IDENTIFIERS = 20
#: approx_count_distinct is right to about 2 %; a column is called unique above this share of its values.
_UNIQUE_SHARE = 0.95
_YEARS = (1800, 2100)
T = TypeVar("T")


def count_infinite(
    connection: duckdb.DuckDBPyConnection, data: Path, columns: Sequence[Column]
) -> dict[str, int]:
    """Return the number of infinite and NaN values per double column, where there are any."""
    footers = read_footers(connection, data)
    names = [c.name for c in columns if c.physical == "double" and not footers[c.name].is_finite]
    found: dict[str, int] = {}
    for part in _chunks(names):
        counts = ", ".join(f"count(*) FILTER (NOT isfinite({quote_name(name)}))" for name in part)
        row = connection.execute(f"SELECT {counts} FROM {parquet(data)}").fetchall()[0]
        found |= {name: count for name, count in zip(part, row, strict=True) if count}
    return found


def count_unclean(
    connection: duckdb.DuckDBPyConnection, data: Path, columns: Sequence[Column]
) -> dict[str, tuple[int, int]]:
    """Return (cells with outer blanks, cells that are a missing token) per string column, where there are any."""
    footers = read_footers(connection, data)
    found: dict[str, tuple[int, int]] = {}
    for part in _chunks([column for column in columns if column.physical == "string"]):
        counts = []
        for column in part:
            name, footer = quote_name(column.name), footers[column.name]
            tokens = [token for token in ("", *column.missing_tokens) if footer.may_hold(token)]
            counts += [
                f"count(*) FILTER ({_has_blanks(name, footer)})",
                f"count(*) FILTER ({_is_token(name, tokens)})" if tokens else "0",
            ]
        row = connection.execute(f"SELECT {', '.join(counts)} FROM {parquet(data)}").fetchall()[0]
        for column, blanks, cells in zip(part, row[::2], row[1::2], strict=True):
            if blanks or cells:
                found[column.name] = (int(blanks), int(cells))
    return found


def _has_blanks(name: str, footer: Footer) -> str:
    """SQL: the cell begins or ends with a blank, or is ''.

    Most begin and end with a visible ASCII character. Comparisons tell that in a fraction of the time of left and
    right, and once per distinct value where the file keeps a dictionary; the footer tells it of the beginnings.
    """
    is_plain = f"{name}[-1] BETWEEN '!' AND '~'"
    if not footer.is_between("!", "\x7f"):
        is_plain += f" AND {name} >= '!' AND {name} < '\x7f'"
    ends = (f"contains({quote_text(BLANKS)}, {end}({name}, 1))" for end in ("left", "right"))
    return f"CASE WHEN {is_plain} THEN false ELSE {' OR '.join(ends)} END"


def _is_token(name: str, tokens: Sequence[str]) -> str:
    """A lookup in a constant map is a quarter of the time of IN."""
    keys = ", ".join(quote_text(token) for token in tokens)
    return f"map_contains(map([{keys}], [{', '.join('1' * len(tokens))}]), {name})"


def finish_columns(
    connection: duckdb.DuckDBPyConnection, data: Path, columns: Sequence[Column], rows: int
) -> tuple[list[Column], list[str]]:
    """Settle every column's semantic type by all its values.   Returns: columns, and notes for a person."""
    relation = parquet(data)
    finished: list[Column] = []
    notes: list[str] = []
    for column, facts in zip(columns, _facts(connection, data, columns), strict=True):
        present, low, high, distinct = facts
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


def _facts(
    connection: duckdb.DuckDBPyConnection, data: Path, columns: Sequence[Column]
) -> list[tuple[int, Any, Any, int]]:
    """(values, lowest, highest, about how many distinct) of each column; what the footer tells is not read again.

    The lowest and highest text are given only for what may be a constant, the distinct ones for what may be an
    identifier: they cost more than all else.
    """
    footers = read_footers(connection, data)
    facts: list[tuple[int, Any, Any, int]] = []
    asked: list[tuple[int, str]] = []
    for position, column in enumerate(columns):
        footer, name = footers[column.name], quote_name(column.name)
        low, high = ("", " ") if column.physical == "string" else (footer.low, footer.high)
        facts.append((footer.present, low, high, 0))
        must_look = (
            column.semantic == "constant" if column.physical == "string" else low is None or high is None
        )
        bounds = f"min({name}), max({name})" if must_look and footer.present else "NULL, NULL"
        distinct = f"approx_count_distinct({name})" if column.semantic == "identifier" else "0"
        if (bounds, distinct) != ("NULL, NULL", "0"):
            asked.append((position, f"{bounds}, {distinct}"))
    for part in _chunks(asked):
        row = connection.execute(
            f"SELECT {', '.join(sql for _, sql in part)} FROM {parquet(data)}"
        ).fetchall()[0]
        for (position, _), (lowest, highest, distinct) in zip(
            part, zip(*[iter(row)] * 3, strict=True), strict=True
        ):
            present, low, high, _ = facts[position]
            if lowest is not None:
                low, high = lowest, highest
            facts[position] = (present, low, high, distinct)
    return facts


def _chunks(items: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), _CHUNK):
        yield items[start : start + _CHUNK]


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
