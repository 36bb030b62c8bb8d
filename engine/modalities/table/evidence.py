"""Ask DuckDB what the cells of raw string columns look like: one wide query, then details where they matter."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import duckdb

from engine.modalities.table.numbers import is_number_like
from engine.modalities.table.tokens import ALL_TOKENS
from engine.specs.cells import MAX_WHOLE, STYLES, NumberStyle
from engine.specs.schema import BLANKS
from engine.sql import quote_name, quote_text

T = TypeVar("T")

#: Planning a query takes time that grows with the square of its expressions: 16 columns are planned in 0.1 s.
_CHUNK = 16
_TOKENS = frozenset(ALL_TOKENS)
_TOP = 2000
_BLANK = "[" + "".join(f"\\x{{{ord(blank):x}}}" for blank in BLANKS) + "]"
_OUTER_BLANKS = quote_text(f"^{_BLANK}+|{_BLANK}+$")
_TOKEN_REGEX = quote_text("|".join("".join(f"\\x{{{ord(c):x}}}" for c in token) for token in ALL_TOKENS))


@dataclass(kw_only=True)
class Evidence:
    """What was counted in one column.

    present: cells that are not empty after trimming.   blanks: cells with outer blanks.   tokens: cells that are some
    missing token.   numbers: cells besides tokens that DuckDB reads as a number.   whole: cells besides tokens that are
    whole numbers.   padded: whole numbers with a leading zero.   odd: numbers written as no file should (1_000).
    largest: of the whole numbers.   infinite: "inf" and the like, or beyond double.   distinct: besides tokens.
    top: distinct trimmed values (tokens too), most
    frequent first.   mean_length, mean_words: besides tokens.   styles: number styles that fit every cell.
    """

    present: int
    blanks: int
    tokens: int
    numbers: int
    whole: int = 0
    padded: int = 0
    odd: int = 0
    largest: float = 0.0
    infinite: int = 0
    distinct: int = 0
    top: list[tuple[str, int]] = field(default_factory=list)
    mean_length: float = 0.0
    mean_words: float = 0.0
    styles: tuple[NumberStyle, ...] = ()

    @property
    def values(self) -> int:
        """Cells that hold a value: present and no token."""
        return self.present - self.tokens

    @property
    def all_numbers(self) -> bool:
        return self.values > 0 and self.numbers == self.values


def trimmed(column: str) -> str:
    """SQL of a raw cell without outer blanks; trimming is slow, so cells that visibly need none are left alone."""
    # Five times faster than trim(…, characters).
    slow = f"regexp_replace({column}, {_OUTER_BLANKS}, '', 'g')"
    return f"CASE WHEN {looks_trimmed(column)} THEN {column} ELSE {slow} END"


def looks_trimmed(column: str) -> str:
    """SQL: the cell begins and ends with a visible ASCII character."""
    return f"(ascii({column}) BETWEEN 33 AND 126 AND ascii(right({column}, 1)) BETWEEN 33 AND 126)"


def _is_token(value: str) -> str:
    """One regular expression: a list of that many constants would be planned for seconds per hundred columns."""
    return f"regexp_full_match({value}, {_TOKEN_REGEX})"


def gather(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    columns: Sequence[str],
    progress: Callable[[float], None],
) -> list[Evidence]:
    """Count what every raw VARCHAR column of `relation` (SQL after FROM) holds."""
    found: list[Evidence] = []
    for part in _chunks(columns):
        selects = ", ".join(map(_overview, range(len(part))))
        row = connection.execute(f"SELECT {selects} FROM {_cells(relation, part)}").fetchall()[0]
        found += [
            Evidence(present=p, blanks=b, tokens=t, numbers=n)
            for p, b, t, n in zip(*[iter(row)] * 4, strict=True)
        ]
    numeric = [i for i, evidence in enumerate(found) if evidence.all_numbers]
    for ids in _chunks(numeric):
        selects = ", ".join(map(_number_details, range(len(ids))))
        row = connection.execute(
            f"SELECT {selects} FROM {_cells(relation, [columns[i] for i in ids])}"
        ).fetchall()[0]
        for i, details in zip(ids, zip(*[iter(row)] * 6, strict=True), strict=True):
            evidence = found[i]
            evidence.whole, evidence.padded, evidence.odd, largest, evidence.infinite, evidence.distinct = (
                details
            )
            evidence.largest = float(largest or 0.0)
    for i, evidence in enumerate(found):
        if evidence.present and (
            not evidence.all_numbers or evidence.padded or evidence.odd or _maybe_date(evidence)
        ):
            _look_at_strings(connection, relation, quote_name(columns[i]), evidence)
        progress((i + 1) / len(found))
    if any(e.styles and all(style.decimal == "," for style in e.styles) for e in found):
        for i, evidence in enumerate(found):
            if evidence.all_numbers and not evidence.top and evidence.whole < evidence.values:
                _look_at_strings(connection, relation, quote_name(columns[i]), evidence)
    return found


def _maybe_date(evidence: Evidence) -> bool:
    """Whole numbers that could be compact dates such as 20240131."""
    return evidence.whole == evidence.values and 19000101 <= evidence.largest <= 20991231


def _cells(relation: str, names: Sequence[str]) -> str:
    """SQL after FROM with, per column i: r raw, v trimmed, t whether a token, d the number; each is computed once."""
    raw = ", ".join(
        f"{quote_name(name)} AS r{i}, {trimmed(quote_name(name))} AS v{i}" for i, name in enumerate(names)
    )
    made = ", ".join(
        f"r{i}, v{i}, {_is_token(f'v{i}')} AS t{i}, TRY_CAST(v{i} AS DOUBLE) AS d{i}"
        for i in range(len(names))
    )
    return f"(SELECT {made} FROM (SELECT {raw} FROM {relation}))"


def _overview(i: int) -> str:
    return (
        f"count(*) FILTER (v{i} <> ''), count(*) FILTER (r{i} <> v{i}), count(*) FILTER (t{i}), "
        f"count(d{i}) FILTER (NOT t{i})"
    )


def _number_details(i: int) -> str:
    return (
        f"count(*) FILTER (regexp_full_match(v{i}, '[+-]?[0-9]+')), "
        f"count(*) FILTER (regexp_full_match(v{i}, '[+-]?0[0-9]+')), "
        f"count(*) FILTER (contains(v{i}, '_')), "
        f"max(abs(d{i})) FILTER (isfinite(d{i})), "
        f"count(*) FILTER (v{i} <> '' AND NOT t{i} AND NOT isfinite(d{i})), "
        f"approx_count_distinct(d{i})"
    )


def _look_at_strings(
    connection: duckdb.DuckDBPyConnection, relation: str, name: str, evidence: Evidence
) -> None:
    value = trimmed(name)
    grouped = f"(SELECT {value} AS v, count(*) AS n FROM {relation} WHERE {value} <> '' GROUP BY 1)"
    evidence.top = connection.execute(
        f"SELECT v, n FROM {grouped} ORDER BY n DESC, v LIMIT {_TOP}"
    ).fetchall()
    if len(evidence.top) < _TOP:
        _sum_up(evidence)
        return
    kept = f"NOT {_is_token('v')}"
    row = connection.execute(
        f"SELECT count(*), coalesce(sum(length(v) * n) / sum(n), 0), "
        f"coalesce(sum(len(string_split_regex(v, '\\s+')) * n) / sum(n), 0) FROM {grouped} WHERE {kept}"
    ).fetchall()[0]
    evidence.distinct, evidence.mean_length, evidence.mean_words = int(row[0]), float(row[1]), float(row[2])
    shown = [v for v, _ in evidence.top if v not in ALL_TOKENS][:50]
    if shown and all(is_number_like(v) for v in shown):
        counts = ", ".join(
            f"coalesce(sum(n) FILTER (NOT regexp_full_match(v, {quote_text(style.regex)})), 0)"
            for style in STYLES
        )
        misses = connection.execute(f"SELECT {counts} FROM {grouped} WHERE {kept}").fetchall()[0]
        evidence.styles = tuple(style for style, missed in zip(STYLES, misses, strict=True) if not missed)
        _whole_in_style(connection, f"{grouped} WHERE {kept}", evidence)


def _sum_up(evidence: Evidence) -> None:
    """The same facts as the queries below give, from all distinct values at hand."""
    kept = [(value, count) for value, count in evidence.top if value not in _TOKENS]
    evidence.distinct = len(kept)
    if not kept:
        return
    total = sum(count for _, count in kept)
    evidence.mean_length = sum(len(value) * count for value, count in kept) / total
    evidence.mean_words = sum(len(value.split()) * count for value, count in kept) / total
    if evidence.padded or not all(is_number_like(value) for value, _ in kept):
        return
    evidence.styles = tuple(style for style in STYLES if all(style.matches(value) for value, _ in kept))
    if evidence.styles:
        numbers = [(evidence.styles[0].number(value), count) for value, count in kept]
        evidence.whole = sum(count for number, count in numbers if number == int(number))
        evidence.largest = max(abs(number) for number, _ in numbers)


def _whole_in_style(connection: duckdb.DuckDBPyConnection, source: str, evidence: Evidence) -> None:
    """Count the whole numbers, read in the first style that fits."""
    if not evidence.styles or evidence.padded:
        return
    number = f"TRY_CAST({evidence.styles[0].sql('v')} AS DOUBLE)"
    row = connection.execute(
        f"SELECT coalesce(sum(n) FILTER ({number} = trunc({number})), 0), max(abs({number})) FROM {source}"
    ).fetchall()[0]
    evidence.whole, evidence.largest = int(row[0]), float(row[1] or 0.0)


def fits_whole(evidence: Evidence) -> bool:
    """Tell whether every value is a whole number that a double holds exactly."""
    return evidence.whole == evidence.values and evidence.largest < MAX_WHOLE and not evidence.infinite


def _chunks(items: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), _CHUNK):
        yield items[start : start + _CHUNK]
