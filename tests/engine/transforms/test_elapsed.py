"""Days since the first moment of the training rows."""

from __future__ import annotations

from engine.specs.features import Step
from tests.engine.transforms.fitted import fit

CLOCK = Step(transform="parse_date", params={"format": "%Y-%m-%d %H:%M:%S"})


def test_days_are_counted_over_a_leap_day_and_across_years() -> None:
    fitted = fit(["2024-02-28", "2024-03-01", None], "parse_date", "elapsed")
    assert fitted.answers(["2024-02-28", "2024-03-01", "2025-02-28", "2024-02-27"]) == [0.0, 2.0, 366.0, -1.0]


def test_the_time_of_the_day_is_a_fraction() -> None:
    fitted = fit(["2020-01-01 12:00:00", "2020-01-09 00:00:00"], CLOCK, "elapsed")
    assert fitted.answers(["2020-01-02 18:00:00"]) == [1.25]


def test_no_date_is_missing() -> None:
    assert fit(["2020-01-01"], "parse_date", "elapsed").answers([None, "tomorrow"]) == [None, None]


def test_without_any_date_days_count_from_1970() -> None:
    assert fit(["no date"], "parse_date", "elapsed").answers(["1970-01-03"]) == [2.0]
