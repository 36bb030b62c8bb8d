"""Describe an imported table: a few SQL passes over chunks of columns, whatever the number of rows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb

from engine.modalities.table.alerts import column_alerts, table_alerts
from engine.modalities.table.database import open_database
from engine.modalities.table.dates import moment_sql
from engine.modalities.table.footer import read_footers
from engine.modalities.table.limits import ImportLimits
from engine.modalities.table.links import measure_links
from engine.specs.datetimes import BY_PATTERN
from engine.specs.profile import ColumnProfile, Profile
from engine.specs.schema import Column, Schema
from engine.sql import parquet, quote_name

_CHUNK = 16
#: Values whose quantiles are found at once; 7 columns of a million rows took 140 MiB together.
_CELLS = 1_000_000
_EXACT_ROWS = 1_000_000
_EXACT_DISTINCT = 100_000
_DUPLICATE_ROWS = 20_000_000
_SHARES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
_BINS = 20
_TOP = 50

Facts = dict[str, Any]


def profile_table(data: Path, schema: Schema, *, target: str | None, limits: ImportLimits) -> Profile:
    """Return the facts of every column of an imported table, and how each goes with the target.

    Up to a million rows everything is exact; beyond that distinct counts and quantiles are approximate (about 2 %).
    Links are measured on at most 100,000 rows spread over the table.
    Args:  data: data.parquet of an import.   target: column to measure links with, or None.
    """
    relation = parquet(data)
    with open_database(limits) as connection:
        rows = int(connection.execute(f"SELECT count(*) FROM {relation}").fetchall()[0][0])
        facts = _describe_images(connection, data, schema, rows)
        others = [column for column in schema.columns if column.name not in facts]
        for start in range(0, len(others), _CHUNK):
            facts |= _describe(connection, relation, others[start : start + _CHUNK], rows)
        duplicates = _count_duplicates(connection, relation, [column.name for column in others], rows)
        links = measure_links(connection, relation, schema, target, rows) if target in schema.names else {}
    profiles = []
    for column in schema.columns:
        profile = ColumnProfile(
            name=column.name, rows=rows, target_link=links.get(column.name), **facts[column.name]
        )
        profiles.append(
            replace(profile, alerts=column_alerts(column, profile, is_target=column.name == target))
        )
    return Profile(
        rows=rows,
        duplicate_rows=duplicates,
        columns=tuple(profiles),
        alerts=table_alerts(rows, duplicates, len(profiles)),
    )


def _describe(
    connection: duckdb.DuckDBPyConnection, relation: str, columns: Sequence[Column], rows: int
) -> dict[str, Facts]:
    numbers = [column for column in columns if column.physical != "string"]
    strings = [column for column in columns if column.physical == "string"]
    facts: dict[str, Facts] = {}
    # Exact quantiles hold every value: of a million rows one column is described at a time.
    width = max(1, len(numbers) if rows > _EXACT_ROWS else _CELLS // max(1, rows))
    for start in range(0, len(numbers), width):
        facts |= _describe_numbers(connection, relation, numbers[start : start + width], rows)
    if strings:
        facts |= _describe_strings(connection, relation, strings, rows)
    for column in columns:
        if column.physical != "string" or column.semantic == "datetime":
            facts[column.name]["is_sorted"] = facts[column.name]["missing"] < rows and _is_sorted(
                connection, relation, column
            )
    return facts


def _describe_images(
    connection: duckdb.DuckDBPyConnection, data: Path, schema: Schema, rows: int
) -> dict[str, Facts]:
    """Pictures are counted by the file's footer and never read: what there is to know of them was measured."""
    names = [column.name for column in schema.columns if column.physical == "image"]
    footers = read_footers(connection, data) if names else {}
    return {
        name: {"missing": rows - footers[name].present, "distinct": footers[name].present} for name in names
    }


def _distinct(name: str, rows: int) -> str:
    return f"count(DISTINCT {name})" if rows <= _EXACT_ROWS else f"approx_count_distinct({name})"


def _describe_numbers(
    connection: duckdb.DuckDBPyConnection, relation: str, columns: Sequence[Column], rows: int
) -> dict[str, Facts]:
    quantile = "quantile_cont" if rows <= _EXACT_ROWS else "approx_quantile"
    selects = []
    for column in columns:
        name = quote_name(column.name)
        value = f"CAST({name} AS DOUBLE)"
        selects += [
            f"count({name})",
            _distinct(name, rows),
            f"min({value})",
            f"max({value})",
            f"avg({value})",
            f"CASE WHEN max(abs({value})) < 1e150 THEN stddev_samp({value}) END",
            f"count(*) FILTER ({name} = 0)",
            f"{quantile}({value}, {list(_SHARES)})",
        ]
    row = connection.execute(f"SELECT {', '.join(selects)} FROM {relation}").fetchall()[0]
    facts: dict[str, Facts] = {}
    for column, values in zip(columns, zip(*[iter(row)] * 8, strict=True), strict=True):
        present, distinct, low, high, mean, std, zeros, quantiles = values
        facts[column.name] = {
            "missing": rows - present,
            "distinct": min(int(distinct), present),
            "minimum": low,
            "maximum": high,
            "mean": _finite(mean),
            "std": _finite(std),
            "zeros": zeros,
            "quantiles": {f"{s:g}": float(q) for s, q in zip(_SHARES, quantiles or (), strict=False)},
        }
    _add_histograms(connection, relation, facts)
    return facts


def _add_histograms(connection: duckdb.DuckDBPyConnection, relation: str, facts: Mapping[str, Facts]) -> None:
    edges: dict[str, list[float]] = {}
    for name, found in facts.items():
        low, high = found["minimum"], found["maximum"]
        if low is None or low == high or not math.isfinite(high - low):
            continue
        bins = int(min(_BINS, max(found["distinct"], 2)))
        # Between neighbouring doubles some edges are one and the same number.
        edges[name] = sorted({low + (high - low) * i / bins for i in range(bins)} | {high})
    if not edges:
        return
    selects = ", ".join(
        f"histogram(CAST({quote_name(name)} AS DOUBLE), {[*marks[1:-1], marks[-1]]}::DOUBLE[])"
        for name, marks in edges.items()
    )
    row = connection.execute(f"SELECT {selects} FROM {relation}").fetchall()[0]
    for (name, marks), counts in zip(edges.items(), row, strict=True):
        facts[name]["histogram_edges"] = tuple(marks)
        facts[name]["histogram_counts"] = tuple(int(counts.get(mark, 0)) for mark in marks[1:])


def _describe_strings(
    connection: duckdb.DuckDBPyConnection, relation: str, columns: Sequence[Column], rows: int
) -> dict[str, Facts]:
    selects = []
    for column in columns:
        name = quote_name(column.name)
        selects += [
            f"count({name})",
            _distinct(name, rows),
            f"avg(length({name}))",
            f"avg(length({name}) - length(replace({name}, ' ', '')) + 1)",
        ]
    row = connection.execute(f"SELECT {', '.join(selects)} FROM {relation}").fetchall()[0]
    facts: dict[str, Facts] = {}
    for column, values in zip(columns, zip(*[iter(row)] * 4, strict=True), strict=True):
        present, distinct, length, words = values
        facts[column.name] = {
            "missing": rows - present,
            "distinct": min(int(distinct), present),
            "mean_length": length,
            "mean_words": words,
            "top_values": _top_values(connection, relation, quote_name(column.name), int(distinct)),
        }
        if column.semantic == "datetime" and column.datetime_format:
            facts[column.name] |= _describe_moments(connection, relation, column)
    return facts


def _top_values(
    connection: duckdb.DuckDBPyConnection, relation: str, name: str, distinct: int
) -> tuple[tuple[str, int], ...]:
    """The most frequent values; among very many different ones, those that are frequent in the first rows."""
    where = f"{name} IS NOT NULL"
    if distinct > _EXACT_DISTINCT:
        head = f"(SELECT {name} FROM {relation} WHERE {where} LIMIT 200000)"
        where = f"{name} IN (SELECT {name} FROM {head} GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT {4 * _TOP})"
    found = connection.execute(
        f"SELECT {name}, count(*) FROM {relation} WHERE {where} GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {_TOP}"
    ).fetchall()
    return tuple((str(value), int(count)) for value, count in found)


def _describe_moments(connection: duckdb.DuckDBPyConnection, relation: str, column: Column) -> Facts:
    moment = _moment(column)
    low, high = connection.execute(
        f"SELECT CAST(min({moment}) AS VARCHAR), CAST(max({moment}) AS VARCHAR) FROM {relation}"
    ).fetchall()[0]
    return {"earliest": low, "latest": high}


def _moment(column: Column) -> str:
    return moment_sql(quote_name(column.name), BY_PATTERN[str(column.datetime_format)])


def _is_sorted(connection: duckdb.DuckDBPyConnection, relation: str, column: Column) -> bool:
    value = _moment(column) if column.semantic == "datetime" else quote_name(column.name)
    falls = connection.execute(
        f"SELECT count(*) FILTER (v < before) FROM (SELECT v, lag(v) OVER () AS before FROM "
        f"(SELECT {value} AS v FROM {relation}) WHERE v IS NOT NULL)"
    ).fetchall()[0][0]
    return int(falls) == 0


def _count_duplicates(
    connection: duckdb.DuckDBPyConnection, relation: str, names: Sequence[str], rows: int
) -> int:
    """Rows that repeat an earlier one. Equal rows have equal hashes, so a slice of all hashes is a fair sample."""
    share = max(1, math.ceil(rows / _DUPLICATE_ROWS))
    hashed = f"hash({', '.join(map(quote_name, names))})"
    where = f"WHERE h % {share} = 0" if share > 1 else ""
    found = connection.execute(
        f"SELECT count(*) - count(DISTINCT h) FROM (SELECT {hashed} AS h FROM {relation}) {where}"
    ).fetchall()[0][0]
    return int(found) * share


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
