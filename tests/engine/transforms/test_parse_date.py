"""Every listed format read against the standard library's calendar; what is no date is missing."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from engine.specs.datetimes import PATTERNS
from tests.engine.transforms.fitted import fit

pytestmark = pytest.mark.slow


MOMENTS = [
    datetime(2012, 2, 29, 7, 8, 9, tzinfo=UTC),
    datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC),
    datetime(2000, 11, 30, tzinfo=UTC),
]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_written_moment_is_read_back(pattern: str) -> None:
    written = [moment.strftime(pattern) for moment in MOMENTS]
    expected = [datetime.strptime(text, pattern).replace(tzinfo=UTC).timestamp() for text in written]
    assert fit(written, "parse_date", format=pattern).answers(written) == expected


@pytest.mark.parametrize(
    "text", ["2011-02-29", "1900-02-29", "2011-04-31", "2011-13-01", "2011-00-10", "11-02-03", "x", "", None]
)
def test_what_is_no_real_date_is_missing(text: str | None) -> None:
    assert fit(["2011-01-01"], "parse_date").answers([text]) == [None]


def test_day_and_month_are_read_in_the_order_of_the_format() -> None:
    written = ["1/2/1970"]
    assert fit(written, "parse_date", format="%d/%m/%Y").answers(written) == [31 * 86_400.0]
    assert fit(written, "parse_date", format="%m/%d/%Y").answers(written) == [86_400.0]


def test_a_time_may_be_short_and_its_fraction_and_offset_are_ignored() -> None:
    written = ["1970-01-01T01:02", "1970-01-01 01:02:03.999Z", "1970-01-01 1:02:03 +08:00", "1970-01-01"]
    found = fit(written, "parse_date", format="%Y-%m-%d %H:%M:%S").answers(written)
    assert found == [3720.0, 3723.0, 3723.0, 0.0]


def test_an_hour_25_is_no_date() -> None:
    written = ["1970-01-01 25:00", "1970-01-01 23:60"]
    assert fit(written, "parse_date", format="%Y-%m-%d %H:%M:%S").answers(written) == [None, None]
