"""Count what a division came out as, in the written rows themselves."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import duckdb

from engine.specs.schema import Schema
from engine.specs.split import SETS, SplitSpec, SplitSummary
from engine.splitters import splitter
from engine.splitters.time import written
from engine.sql import parquet


def summarise(
    connection: duckdb.DuckDBPyConnection, out: Path, schema: Schema, spec: SplitSpec, *, rows_of_data: int
) -> SplitSummary:
    """Describe the division in `out`; reads `_split_rows` and `_split_labels`, which `divide` made."""
    joined = f"FROM {parquet(out)} JOIN _split_rows USING (_row)"
    rows: dict[str, int] = dict.fromkeys(SETS, 0)
    units: dict[str, int] = dict.fromkeys(SETS, 0)
    times: dict[str, tuple[int | None, int | None]] = {}
    untimed = 0
    for name, count, kept, keyless, first, last in connection.execute(
        "SELECT _set, count(*), count(DISTINCT _unit), count(*) FILTER (_key IS NULL), min(_key), max(_key) "
        f"{joined} GROUP BY _set"
    ).fetchall():
        rows[name], units[name], times[name] = count, kept, (first, last)
        untimed += keyless
    # Numbers: a text for every content would take most of the memory of a split.
    codes = " ".join(f"WHEN '{name}' THEN {code}" for code, name in enumerate(SETS))
    code = f"(CASE _set {codes} END)::TINYINT"
    distinct, straddled = connection.execute(
        "SELECT count(*), coalesce(sum(straddles::INTEGER), 0)::BIGINT FROM "
        f"(SELECT min({code}) <> max({code}) AS straddles {joined} GROUP BY _content)"
    ).fetchall()[0]
    chosen = splitter(spec.splitter)
    is_timed = chosen.needs == "time"
    total = sum(rows.values())
    return SplitSummary(
        rows=rows,
        classes=_classes(connection, joined),
        unlabelled=rows_of_data - total,
        duplicate_rows=total - distinct,
        straddled=straddled,
        units=units,
        untimed=untimed if is_timed else 0,
        first=_times(schema, spec, times, 0) if is_timed else {},
        last=_times(schema, spec, times, 1) if is_timed else {},
        crossing=_crossing(connection, joined) if chosen.given else {},
    )


def _crossing(connection: duckdb.DuckDBPyConnection, joined: str) -> Mapping[str, int]:
    """Rows of each set that have a twin in another one."""
    torn = f"SELECT _twin {joined} GROUP BY _twin HAVING min(_set) <> max(_set)"
    return dict(
        connection.execute(
            f"SELECT _set, count(*) {joined} WHERE _twin IN ({torn}) GROUP BY _set ORDER BY _set"
        ).fetchall()
    )


def _classes(connection: duckdb.DuckDBPyConnection, joined: str) -> Mapping[str, Mapping[str, int]]:
    has_labels = connection.execute(
        "SELECT count(*) FROM duckdb_tables() WHERE table_name = '_split_labels'"
    ).fetchall()[0][0]
    if not has_labels:
        return {}
    counts: dict[str, dict[str, int]] = {name: {} for name in SETS}
    for name, label, count in connection.execute(
        f"SELECT _set, class, count(*) {joined} JOIN _split_labels ON place = _label "
        "GROUP BY _set, class ORDER BY _set, class"
    ).fetchall():
        counts[name][label] = count
    return counts


def _times(
    schema: Schema, spec: SplitSpec, times: Mapping[str, tuple[int | None, int | None]], end: int
) -> Mapping[str, str]:
    found = {name: times[name][end] for name in SETS if name in times}
    return {
        name: written(schema, spec.column or "", value) for name, value in found.items() if value is not None
    }
