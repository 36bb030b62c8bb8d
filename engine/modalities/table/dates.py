"""Recognise dates written as text, and tell day-first from month-first by all values of a column."""

from __future__ import annotations

import re
from collections.abc import Sequence

import duckdb

from engine.modalities.table.evidence import Evidence
from engine.modalities.table.tokens import ALL_TOKENS
from engine.specs.datetimes import BY_PATTERN, FORMATS, DatetimeFormat
from engine.sql import quote_name, quote_text

_MATCH_SHARE = 0.99
_COMPACT_YEARS = range(1900, 2100)
_MIN_COMPACT = 5
#: Month-first is tried before day-first only where a column leaves it open; see `settle_day_or_month`.
_TWINS = {"%d/%m/%Y": "%m/%d/%Y", "%m/%d/%Y": "%d/%m/%Y", "%d-%m-%Y": "%m-%d-%Y", "%m-%d-%Y": "%d-%m-%Y"}


def find_date_format(evidence: Evidence, *, compact_only: bool = False) -> str | None:
    """Return the pattern that at least 99 % of the values match, or None. Dates alone win over dates with a time."""
    values = [(value, count) for value, count in evidence.top if value not in ALL_TOKENS]
    if compact_only:
        return "%Y%m%d" if _is_compact(evidence) else None
    total = sum(count for _, count in values)
    best: tuple[float, str] | None = None
    for format_ in FORMATS:
        share = _share(format_, values, total)
        if share >= _MATCH_SHARE and (best is None or share > best[0]):
            best = (share, format_.pattern)
    return best[1] if best else None


def settle_day_or_month(connection: duckdb.DuckDBPyConnection, relation: str, name: str, pattern: str) -> str:
    """Choose between a day-first pattern and its month-first twin by every value of the imported column.

    The one that more values match wins. When both fit all, dates in a file tend to run in order: the one with the
    shorter way from row to row wins; still even, "/" is read month first and "-" day first.
    """
    date, _, time = pattern.partition(" ")
    if date not in _TWINS:
        return pattern
    pair = [
        f"{each} {time}".strip()
        for each in sorted((date, _TWINS[date]), key=lambda p: ("/" in p) == (p[1] == "d"))
    ]
    column = quote_name(name)
    matches = [
        f"count(*) FILTER (regexp_full_match({column}, {quote_text(BY_PATTERN[p].regex)}))" for p in pair
    ]
    counts = connection.execute(f"SELECT {', '.join(matches)} FROM {relation}").fetchall()[0]
    if counts[0] != counts[1]:
        return pair[0] if counts[0] > counts[1] else pair[1]
    lengths = [_way(connection, relation, column, p) for p in pair]
    return pair[0] if lengths[0] <= lengths[1] else pair[1]


def date_sql(value: str, format_: DatetimeFormat) -> str:
    """SQL of the DATE in a text of this format; NULL when it does not match or is no day of the calendar."""
    if format_.digits:
        parts = {
            "year": f"substr({value}, 1, 4)",
            "month": f"substr({value}, 5, 2)",
            "day": f"substr({value}, 7, 2)",
        }
    else:
        groups = f"regexp_extract_all({value}, '[0-9]+')"
        parts = {part: f"{groups}[{i}]" for i, part in enumerate(format_.order, start=1)}
    year, month, day = (f"lpad({parts[p]}, {n}, '0')" if p in parts else "'01'" for p, n in _WIDTHS)
    matches = f"regexp_full_match({value}, {quote_text(format_.regex)})"
    return f"CASE WHEN {matches} THEN TRY_CAST({year} || '-' || {month} || '-' || {day} AS DATE) END"


_WIDTHS = (("year", 4), ("month", 2), ("day", 2))


def moment_sql(value: str, format_: DatetimeFormat) -> str:
    """SQL of the TIMESTAMP in a text of this format, time included, fraction and offset left out; NULL otherwise.

    What DuckDB's own parser reads in the same format it reads 20 times faster; the rest goes the thorough way. The
    pattern is looked at first, because that parser takes short years as well.
    """
    date = format_.pattern.split(" ")[0]
    times = (" %H:%M:%S", " %H:%M", "T%H:%M:%S", "T%H:%M", "") if format_.has_time else ("",)
    quick = f"try_strptime({value}, [{', '.join(quote_text(date + time) for time in times)}])"
    matches = f"regexp_full_match({value}, {quote_text(format_.regex)})"
    thorough = _thorough_moment(value, format_)
    return f"CASE WHEN NOT {matches} THEN NULL WHEN {quick} IS NOT NULL THEN {quick} ELSE {thorough} END"


def _thorough_moment(value: str, format_: DatetimeFormat) -> str:
    if not format_.has_time:
        return f"CAST({date_sql(value, format_)} AS TIMESTAMP)"
    clock = f"regexp_extract({value}, '[T ]+([0-9]{{1,2}}:[0-9]{{2}}(?::[0-9]{{2}})?)', 1)"
    padded = f"lpad(CASE WHEN length({clock}) IN (4, 5) THEN {clock} || ':00' ELSE {clock} END, 8, '0')"
    time = f"coalesce(TRY_CAST({padded} AS TIME), TIME '00:00:00')"
    return f"({date_sql(value, format_)} + {time})"


def _way(connection: duckdb.DuckDBPyConnection, relation: str, column: str, pattern: str) -> float:
    date = f"CAST({moment_sql(column, BY_PATTERN[pattern])} AS DATE)"
    row = connection.execute(
        f"SELECT sum(abs(d - before)) FROM (SELECT d, lag(d) OVER () AS before FROM "
        f"(SELECT {date} AS d FROM {relation} WHERE {column} IS NOT NULL LIMIT 1000000))"
    ).fetchall()[0]
    return float(row[0] or 0)


def _share(format_: DatetimeFormat, values: Sequence[tuple[str, int]], total: int) -> float:
    compiled = re.compile(format_.regex)
    return sum(count for value, count in values if compiled.fullmatch(value)) / total if total else 0.0


def _is_compact(evidence: Evidence) -> bool:
    """Whole numbers such as 20240131 are dates when every one is, and there are several."""
    if evidence.whole != evidence.values or evidence.distinct < _MIN_COMPACT:
        return False
    if not 19000101 <= evidence.largest <= 20991231:
        return False
    compiled = re.compile(BY_PATTERN["%Y%m%d"].regex)
    values = [value for value, _ in evidence.top if value not in ALL_TOKENS]
    return bool(values) and all(compiled.fullmatch(v) and int(v[:4]) in _COMPACT_YEARS for v in values)
