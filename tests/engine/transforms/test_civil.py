"""Calendar formulas against the standard library, over all years of the calendar."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import duckdb
import numpy as np
import pyarrow as pa

from engine.transforms.civil import DAY_S, FIRST_S, LAST_S, civil_from_days, days_from_civil, is_real_date
from engine.transforms.formula import SqlWriter, Term

EPOCH = date(1970, 1, 1)
# A day of every year, each time another, and the days around each turn of February and of the year.
DAYS = [date.min + timedelta(days=353 * i) for i in range((date.max - date.min).days // 353)] + [
    date(year, month, day) + timedelta(days=shift)
    for year in (1, 4, 100, 400, 1600, 1900, 1969, 1970, 2000, 2024, 2100, 9999)
    for month, day in ((3, 1), (12, 30))
    for shift in (-2, -1, 0, 1)
]


def _evaluate(
    columns: Sequence[str], rows: Sequence[tuple[int, ...]], *terms: Term
) -> list[tuple[float, ...]]:
    parts = zip(*rows, strict=True)
    table = {name: np.array(part, float) for name, part in zip(columns, parts, strict=True)}
    codes = ", ".join(term.code for term in terms)
    with duckdb.connect() as connection:
        connection.register("given", pa.table({"i": np.arange(len(rows)), **table}))
        return connection.execute(f"SELECT {codes} FROM given ORDER BY i").fetchall()


def _term(name: str) -> Term:
    return Term(SqlWriter(), name)


def test_days_of_a_date() -> None:
    rows = [(day.year, day.month, day.day) for day in DAYS]
    found = _evaluate(["y", "m", "d"], rows, days_from_civil(_term("y"), _term("m"), _term("d")))
    assert found == [((day - EPOCH).days,) for day in DAYS]


def test_date_of_days() -> None:
    rows = [((day - EPOCH).days,) for day in DAYS]
    assert _evaluate(["n"], rows, *civil_from_days(_term("n"))) == [(d.year, d.month, d.day) for d in DAYS]


def test_a_real_date_has_that_day_in_its_month() -> None:
    years = (1900, 2000, 2023, 2024)
    rows = [(year, month, day) for year in years for month in range(1, 13) for day in range(1, 32)]
    real = is_real_date(_term("y"), _term("m"), _term("d")).where(1.0, 0.0)
    expected = [(float(day <= calendar.monthrange(year, month)[1]),) for year, month, day in rows]
    assert _evaluate(["y", "m", "d"], rows, real) == expected


def test_the_calendar_ends_with_the_last_second_of_9999() -> None:
    assert datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC).timestamp() == LAST_S
    # The standard library begins with year 1; year 0 is a leap year.
    assert datetime(1, 1, 1, tzinfo=UTC).timestamp() - 366 * DAY_S == FIRST_S
