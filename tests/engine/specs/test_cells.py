"""Numbers in every style: what the style's pattern takes, its SQL reads, and the value is the right one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.modalities.table.numbers import is_number_like
from engine.specs.cells import PLAIN, STYLES, NumberStyle, cell_text, style_of
from engine.sql import quote_text


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        yield opened


def read(connection: duckdb.DuckDBPyConnection, style: NumberStyle, cell: str) -> float | None:
    matches = f"regexp_full_match(v, {quote_text(style.regex)})"
    return connection.execute(
        f"SELECT CASE WHEN {matches} THEN CAST({style.sql('v')} AS DOUBLE) END FROM (SELECT ? AS v)", [cell]
    ).fetchall()[0][0]


@pytest.mark.parametrize(
    ("decimal", "thousands", "cell", "value"),
    [
        (".", "", "-1.5e3", -1500.0),
        (".", "", "+.5", 0.5),
        (".", "", "1,234", None),
        (".", "", "0x1A", None),
        (".", "", "1_000", None),
        (".", "", "١٢", None),
        (".", ",", "1,234,567.5", 1234567.5),
        (".", ",", "1234.5", 1234.5),
        (".", ",", "1,23", None),
        (".", ",", "12345,678", None),
        (",", "", "1,5", 1.5),
        (",", "", ",5e2", 50.0),
        (",", ".", "1.234,5", 1234.5),
        (",", ".", "1.23", None),
        (",", " ", "1\u202f234\u00a0567,5", 1234567.5),
        (".", " ", "-1 234.5", -1234.5),
        (".", "'", "1'234.5", 1234.5),
    ],
)
def test_each_style_reads_its_own_numbers_and_no_others(
    decimal: str, thousands: str, cell: str, value: float | None, connection: duckdb.DuckDBPyConnection
) -> None:
    style = style_of(decimal, thousands)
    assert (style.decimal, style.thousands) == (decimal, thousands)
    assert read(connection, style, cell) == value
    assert style.matches(cell) is (value is not None)
    if value is not None:
        assert style.number(cell) == value and is_number_like(cell)


def test_unknown_marks_mean_the_plain_style() -> None:
    assert style_of("·", "_") is PLAIN


@given(st.integers(-(10**12), 10**12), st.integers(0, 99), st.sampled_from(STYLES))
def test_a_number_written_in_a_style_is_read_in_it(
    connection: duckdb.DuckDBPyConnection, whole: int, cents: int, style: NumberStyle
) -> None:
    cell = f"{whole:,}".replace(",", style.thousands) + style.decimal + f"{cents:02d}"
    expected = float(f"{whole}.{cents:02d}")
    assert read(connection, style, cell) == style.number(cell) == expected


@given(st.text("0123456789+-.,' eE_x\u00a0\u202f’٣", max_size=12), st.sampled_from(STYLES))
def test_sql_and_python_agree_on_hostile_cells(
    connection: duckdb.DuckDBPyConnection, cell: str, style: NumberStyle
) -> None:
    found = read(connection, style, cell)
    is_finite = found is not None and abs(found) != float("inf")
    assert style.matches(cell) is is_finite
    if is_finite:
        assert style.number(cell) == found and is_number_like(cell)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "true"),
        (3.0, "3"),
        (-0.5, "-0.5"),
        (2.0**53, "9007199254740992"),
        (1e300, "1e+300"),
        (float("inf"), "inf"),
        (dt.datetime(2024, 5, 1, 10, 30, 0, 999), "2024-05-01 10:30:00"),
        (dt.datetime(2024, 5, 1, 0, 0, 0, 999), "2024-05-01"),
        (dt.date(2024, 5, 1), "2024-05-01"),
        (dt.time(10, 30), "10:30:00"),
        ("NA", "NA"),
    ],
)
def test_one_cell_is_written_as_a_text_file_would(value: object, text: str) -> None:
    assert cell_text(value) == text
