"""Dates in text: the format by its values, day or month by evidence, and SQL that reads as Python does."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.modalities.table.dates import date_sql, find_date_format, moment_sql, settle_day_or_month
from engine.modalities.table.evidence import Evidence
from engine.specs.datetimes import BY_PATTERN, FORMATS, DatetimeFormat
from engine.sql import quote_text

pytestmark = pytest.mark.slow


def evidence(values: Sequence[str], whole: bool = False) -> Evidence:
    return Evidence(
        present=len(values),
        blanks=0,
        tokens=0,
        numbers=len(values) if whole else 0,
        whole=len(values) if whole else 0,
        largest=max(map(float, values)) if whole else 0.0,
        distinct=len(set(values)),
        top=[(value, 1) for value in values],
    )


@pytest.mark.parametrize(
    ("values", "pattern"),
    [
        (["2024-01-31", "2023-12-01"], "%Y-%m-%d"),
        (["2024/1/31", "2023/12/1"], "%Y/%m/%d"),
        (["31.12.2020", "1.2.2021"], "%d.%m.%Y"),
        (["31/12/2020", "1/2/2021"], "%d/%m/%Y"),
        (["12/31/2020", "1/2/2021"], "%m/%d/%Y"),
        (["2024年1月31日", "2023年12月1日"], "%Y年%m月%d日"),
        (["2024-01", "2023-12"], "%Y-%m"),
        (["2024-01-31 10:00", "2023-12-01T23:59:59.5Z"], "%Y-%m-%d %H:%M:%S"),
        (["2024-01-31", "NA"], "%Y-%m-%d"),
        (["31/31/2020", "1/2/2021"], None),
        (["2024-13-01", "2023-12-01"], None),
        (["2024-01-31", "soon"], None),
        (["10:30:00", "11:00:00"], None),
        (["NA", "?"], None),
    ],
)
def test_the_format_that_fits_the_values_is_found(values: list[str], pattern: str | None) -> None:
    assert find_date_format(evidence(values)) == pattern


def test_one_bad_value_in_a_hundred_is_forgiven_two_are_not() -> None:
    days = [f"2024-01-{1 + i % 28:02d} 0{i % 10}:00" for i in range(99)]
    assert find_date_format(evidence([*days, "soon"])) == "%Y-%m-%d %H:%M:%S"
    assert find_date_format(evidence([*days[1:], "soon", "late"])) is None


@pytest.mark.parametrize(
    ("values", "pattern"),
    [
        (["20240131", "20240201", "20231231", "19991231", "20200229"], "%Y%m%d"),
        (["20240131", "20240201", "20231231", "19991231"], None),
        (["20240131", "20240201", "20231231", "19991231", "20241301"], None),
        (["20240131", "20240201", "20231231", "19991231", "18991231"], None),
    ],
)
def test_whole_numbers_are_dates_when_all_of_several_are(values: list[str], pattern: str | None) -> None:
    assert find_date_format(evidence(values, whole=True), compact_only=True) == pattern


@pytest.mark.parametrize(
    ("values", "pattern"),
    [
        (["1/2/2024", "13/2/2024", "2/3/2024"], "%d/%m/%Y"),
        (["1/2/2024", "2/13/2024", "2/3/2024"], "%m/%d/%Y"),
        (["01/01/2024", "02/01/2024", "03/01/2024", "04/01/2024"], "%d/%m/%Y"),
        (["01/01/2024", "01/02/2024", "01/03/2024", "01/04/2024"], "%m/%d/%Y"),
        (["13/1/2024", "14/1/2024", "1/13/2024"], "%d/%m/%Y"),
        (["1/1/2024", "2/2/2024"], "%m/%d/%Y"),
        (["1-1-2024", "2-2-2024"], "%d-%m-%Y"),
        (["1-13-2024", "2-2-2024"], "%m-%d-%Y"),
    ],
)
@pytest.mark.parametrize("clock", ["", " %H:%M:%S"])
def test_day_or_month_is_settled_by_values_then_order_then_custom(
    values: list[str], pattern: str, clock: str, connection: duckdb.DuckDBPyConnection
) -> None:
    time = " 10:00:00" if clock else ""
    rows = ", ".join(f"({quote_text(value + time)})" for value in values)
    relation = f'(VALUES {rows}, (NULL)) AS t("the day")'
    for guess in (pattern, _twin(pattern)):
        assert settle_day_or_month(connection, relation, "the day", guess + clock) == pattern + clock


def test_a_format_without_a_twin_is_left_alone(connection: duckdb.DuckDBPyConnection) -> None:
    assert settle_day_or_month(connection, "nowhere", "x", "%d.%m.%Y") == "%d.%m.%Y"


def _twin(pattern: str) -> str:
    return pattern.translate(str.maketrans("dm", "md"))


def _by_hand(value: str, format_: DatetimeFormat) -> dt.datetime | None:
    """Read `value` with the standard library alone."""
    if not re.fullmatch(format_.regex, value):
        return None
    groups = re.findall("[0-9]+", value)
    if format_.digits:
        groups = [value[:4], value[4:6], value[6:8], *re.findall("[0-9]+", value[8:])]
    date = dict(zip(format_.order, map(int, groups), strict=False))
    clock = re.search("([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?", value)
    hour, minute, second = (int(part or 0) for part in clock.groups()) if clock else (0, 0, 0)
    try:
        return dt.datetime(date["year"], date["month"], date.get("day", 1), hour, minute, second)
    except ValueError:
        return None


_PART = st.integers(0, 40).flatmap(lambda n: st.sampled_from([str(n), f"{n:02d}"]))
_CLOCKS = st.sampled_from(
    [
        "",
        " 10:30",
        "T10:30:59",
        "  3:04:05",
        " 3:4",
        " 24:00",
        " 23:59:60",
        " 10:30:00.123",
        " 10:30Z",
        "T01:02:03+08:00",
    ]
)


_ALL_FORMATS = ", ".join(f"{moment_sql('v', f)}, {date_sql('v', f)}" for f in FORMATS)


@settings(max_examples=20)
@given(
    year=st.sampled_from(["2024", "1999", "1900", "24", "02024", "0001"]),
    month=_PART,
    day=_PART,
    clock=_CLOCKS,
    separator=st.sampled_from(["-", "/", ".", ""]),
    is_year_first=st.booleans(),
)
@example("24", "1", "5", "", "-", True)
@example("2024", "1", "3", "", "", True)
@example("24", "1", "2", " 3:4", "/", False)
@example("2024", "02", "30", "", "-", True)
def test_sql_reads_a_moment_as_the_standard_library_does(
    connection: duckdb.DuckDBPyConnection,
    year: str,
    month: str,
    day: str,
    clock: str,
    separator: str,
    is_year_first: bool,
) -> None:
    parts = [year, month, day] if is_year_first else [day, month, year]
    values = [separator.join(parts) + clock, f"{year}年{month}月{day}日{clock}"]
    for value, *row in connection.execute(
        f"SELECT v, {_ALL_FORMATS} FROM (SELECT unnest(?) AS v)", [values]
    ).fetchall():
        for format_, moment, date in zip(FORMATS, row[::2], row[1::2], strict=True):
            expected = _by_hand(value, format_)
            assert (format_.pattern, moment) == (format_.pattern, expected)
            assert date == (expected.date() if expected else None)


def test_a_missing_cell_has_no_moment(connection: duckdb.DuckDBPyConnection) -> None:
    sql = moment_sql("CAST(NULL AS VARCHAR)", BY_PATTERN["%Y-%m-%d"])
    assert connection.execute(f"SELECT {sql}").fetchall() == [(None,)]
