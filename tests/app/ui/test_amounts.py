from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.ui import amounts
from tests.app.ui.conftest import Draw

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("given", "said"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 KB"), (999_499, "999 KB"), (999_500, "1.0 MB"), (None, "–")],
)
def test_sizes(given: int | None, said: str) -> None:
    assert amounts.size(given) == said


@pytest.mark.parametrize(
    ("given", "said"),
    [(0.0, "0 %"), (0.0004, "<0.1 %"), (0.034, "3.4 %"), (0.5, "50 %"), (0.9996, ">99.9 %"), (1.0, "100 %"),
     (float("nan"), "–"), (None, "–")],
)  # fmt: skip
def test_shares_never_round_something_to_nothing(given: float | None, said: str) -> None:
    assert amounts.share(given) == said


@pytest.mark.parametrize(
    ("given", "said"),
    [(1234567.8, "1,234,568"), (12.0, "12"), (0.00012345, "0.0001234"), (float("inf"), "–"), (None, "–")],
)
def test_numbers(given: float | None, said: str) -> None:
    assert amounts.number(given) == said


def test_bounds_say_how_often_they_hold() -> None:
    assert amounts.bounds(-1.5, 12345.6, 0.9) == "Between -1.5 and 12,346, 90 % of the time."
    assert amounts.bounds(None, None, None) == ""


@pytest.mark.parametrize(
    ("given", "said"),
    [(0.2, "under 1 s"), (59, "59 s"), (60, "1 min"), (200, "3 min 20 s"), (3700, "1 h 1 min")],
)
def test_lengths_of_time(draw: Draw, given: float, said: str) -> None:
    page = draw(f"from app.ui import amounts; st.text(amounts.seconds({given}))")

    assert page.text[0].value == said


def test_moments_are_told_on_the_readers_clock(draw: Draw) -> None:
    page = draw(
        "from datetime import datetime, UTC\nfrom app.ui import amounts\n"
        "st.text(amounts.moment(datetime(2026, 1, 1, 23, 0, tzinfo=UTC)))"
    )

    assert page.text[0].value == "2026-01-02 07:00"


@pytest.mark.parametrize(("seconds", "said"), [(5, "just now"), (60, "1 minute ago"), (7200, "2 hours ago")])
def test_how_long_ago(draw: Draw, seconds: int, said: str) -> None:
    when = datetime.now(UTC) - timedelta(seconds=seconds)
    page = draw(
        "from datetime import datetime\nfrom app.ui import amounts\n"
        f"st.text(amounts.ago(datetime.fromisoformat({when.isoformat()!r})))"
    )

    assert page.text[0].value == said
