"""The date formats mean the same to Python's and DuckDB's regular expressions, and read back strftime."""

from __future__ import annotations

import re
from datetime import datetime

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.specs.datetimes import BY_PATTERN, FORMATS, PATTERNS, DatetimeFormat

pytestmark = pytest.mark.slow


MOMENTS = st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2999, 12, 31))
GROUPS = ("year", "month", "day", "hour", "minute", "second")


def test_every_pattern_is_listed_once() -> None:
    assert len(set(PATTERNS)) == len(PATTERNS) == len(FORMATS) == len(BY_PATTERN)


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.pattern)
@given(moment=MOMENTS)
def test_what_strftime_writes_is_read_back(form: DatetimeFormat, moment: datetime) -> None:
    value = moment.strftime(form.pattern)
    assert form.matches(value)
    found = [int(digits) for digits in _groups(form, value)]
    parts = (*form.order, *(GROUPS[3:] if form.has_time else ()))
    assert found[: len(parts)] == [getattr(moment, part) for part in parts]


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.pattern)
def test_duckdb_and_python_agree_on_what_matches(form: DatetimeFormat) -> None:
    values = [*(datetime(2020, 2, 9, 7, 5, 3).strftime(p) for p in PATTERNS), *HOSTILE]
    with duckdb.connect() as connection:
        rows = connection.execute(
            "select v, regexp_full_match(v, ?) from (select unnest(?) as v)", [form.regex, values]
        ).fetchall()
    assert {value: form.matches(value) for value in values} == dict(rows)


@pytest.mark.parametrize(
    "value", ["2020-13-01", "2020-00-10", "2020-01-32", "20-01-01", "2020-1-1x", "", " 2020-01-01"]
)
def test_what_is_out_of_range_or_has_rests_is_no_date(value: str) -> None:
    assert not BY_PATTERN["%Y-%m-%d"].matches(value)


@pytest.mark.parametrize(
    "value", ["2020-01-01", "2020-01-01 7:05", "2020-01-01T07:05:03.123Z", "2020-01-01 07:05:03 +08:00"]
)
def test_a_time_may_be_absent_short_fractional_or_have_an_offset(value: str) -> None:
    assert BY_PATTERN["%Y-%m-%d %H:%M:%S"].matches(value)


HOSTILE = [
    "", " ", "2020", "2020-02", "9/2/2020", "2020-02-09T", "2020-02-09 25:00", "2020-02-09 07:05:03,5",
    "٢٠٢٠-٠٢-٠٩", "2020-02-09\n", "2020年2月9日", "20200209", "202002", "2020.02.09", "2020-02-09Z",
    "1e5", "12-31-1999",
]  # fmt: skip


def _groups(form: DatetimeFormat, value: str) -> list[str]:
    if not form.digits:
        return re.findall("[0-9]+", value)
    width = sum(form.digits)
    starts = [sum(form.digits[:i]) for i in range(len(form.digits))]
    date = [value[start : start + digits] for start, digits in zip(starts, form.digits, strict=True)]
    return date + re.findall("[0-9]+", value[width:])
