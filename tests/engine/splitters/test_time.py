"""Every date format orders as time does, and is written back for a person."""

from __future__ import annotations

import random
from datetime import datetime

import duckdb
import pyarrow as pa
import pytest

from engine.specs.datetimes import FORMATS, DatetimeFormat
from engine.specs.schema import Column, Schema
from engine.splitters.time import moment, written

DRAW = random.Random(3)
MOMENTS = [datetime(DRAW.randint(1000, 2999), DRAW.randint(1, 12), DRAW.randint(1, 28)) for _ in range(50)]


def schema_of(pattern: str) -> Schema:
    return Schema(
        columns=(
            Column(
                name="the day",
                source_name="d",
                physical="string",
                semantic="datetime",
                datetime_format=pattern,
            ),
        )
    )


def keys(pattern: str, values: list[str | None]) -> list[int | None]:
    table = pa.table({"the day": pa.array(values, type=pa.string())})
    with duckdb.connect() as connection:
        connection.register("dates", table)
        found = connection.execute(f"SELECT {moment(schema_of(pattern), 'the day')} FROM dates").fetchall()
    return [key for (key,) in found]


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.pattern)
def test_keys_order_as_time_does(form: DatetimeFormat) -> None:
    clocks = [
        when.replace(hour=number % 24, minute=number, second=59 - number)
        for number, when in enumerate(MOMENTS)
    ]
    values = [when.strftime(form.pattern) for when in clocks]
    assert all(form.matches(value) for value in values)
    expected = [datetime.strptime(value, form.pattern) for value in values]
    found = keys(form.pattern, list(values))
    assert found == [int(when.strftime("%Y%m%d%H%M%S")) for when in expected]
    schema = schema_of(form.pattern)
    assert written(schema, "the day", found[0] or 0).startswith(expected[0].strftime("%Y-%m-%d"))


def test_a_time_may_be_absent_short_or_have_a_fraction_and_a_zone() -> None:
    values: list[str | None] = [
        "2020-01-02",
        "2020-01-02 3:04",
        "2020-01-02T03:04:05.678+08:00",
        "soon",
        None,
    ]
    found = keys("%Y-%m-%d %H:%M:%S", values)
    assert found == [20200102000000, 20200102030400, 20200102030405, None, None]
    schema = schema_of("%Y-%m-%d %H:%M:%S")
    assert written(schema, "the day", 20200102030405) == "2020-01-02 03:04:05"
