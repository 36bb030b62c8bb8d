"""Calendar parts of known moments, and their places on circles."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from engine.specs.features import Step
from tests.engine.transforms.fitted import Fitted, fit

pytestmark = pytest.mark.slow


CLOCK = Step(transform="parse_date", params={"format": "%Y-%m-%d %H:%M:%S"})
#: All parts differ between the two.
APART = ["2020-01-01 00:00:00", "2021-02-04 04:05:00"]
PARTS = (".year", ".month", ".day", ".weekday", ".hour", ".minute")


def _parts(**params: object) -> Fitted:
    return fit(APART, CLOCK, "date_parts", **params)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("moment", "parts"),
    [
        ("2024-02-29 23:59:59", (2024, 2, 29, 3, 23, 59)),
        ("2000-02-29 00:00:00", (2000, 2, 29, 1, 0, 0)),
        ("1900-03-01 12:30:00", (1900, 3, 1, 3, 12, 30)),
        ("1969-12-31 23:59:00", (1969, 12, 31, 2, 23, 59)),
        ("1970-01-01", (1970, 1, 1, 3, 0, 0)),
        ("2023-12-31 09:05", (2023, 12, 31, 6, 9, 5)),
        ("0001-01-01", (1, 1, 1, 0, 0, 0)),
        ("9999-12-31", (9999, 12, 31, 4, 0, 0)),
    ],
)
def test_known_moments(moment: str, parts: tuple[float, ...]) -> None:
    fitted = _parts()
    assert fitted.labels == PARTS
    assert fitted.rows([moment]) == [parts]


def test_four_centuries_of_days_are_those_of_the_standard_library() -> None:
    days = [datetime(1701, 1, 1) + timedelta(days=97 * i, minutes=61 * i) for i in range(1_500)]
    expected = [(d.year, d.month, d.day, d.weekday(), d.hour, d.minute) for d in days]
    assert _parts().rows([f"{d:%Y-%m-%d %H:%M:%S}" for d in days]) == expected


def test_parts_that_do_not_differ_in_training_are_left_out() -> None:
    fitted = fit(["2020-05-01", "2020-06-01"], "parse_date", "date_parts")
    assert fitted.labels == (".month", ".weekday")
    assert fit(["2020-05-01"], "parse_date", "date_parts").labels == (".weekday",)
    assert fit(["2020-01-01", "2021-01-01"], "parse_date", "date_parts", cyclic=True).labels == (
        ".weekday_sin",
        ".weekday_cos",
    )


def test_a_month_lies_on_a_circle_with_december_next_to_january() -> None:
    fitted = fit(["2020-05-04", "2020-06-01"], "parse_date", "date_parts", cyclic=True)
    assert fitted.labels == (".month_sin", ".month_cos", ".day_sin", ".day_cos")
    january, april, july, december = (
        row[:2] for row in fitted.rows([f"2020-{month:02d}-01" for month in (1, 4, 7, 12)])
    )
    assert january == (0.0, 1.0)
    assert april == pytest.approx((1.0, 0.0), abs=1e-15)
    assert july == pytest.approx((0.0, -1.0), abs=1e-15)
    assert december == pytest.approx((-0.5, 3**0.5 / 2))


def test_no_moment_is_missing_in_every_part_or_the_middle_of_each_circle() -> None:
    assert _parts().rows([None, "soon"]) == [(None,) * 6] * 2
    assert _parts(cyclic=True).rows([None]) == [(0.0,) * 10]


def test_moments_beyond_the_calendar_are_missing() -> None:
    fitted = fit([0.0, 86_400.0], "date_parts")
    assert fitted.rows([3e11, -7e10, 0.0]) == [(None, None)] * 2 + [(1.0, 3.0)]
