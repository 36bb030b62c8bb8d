"""What is said of more rows and of more time, and that every mark of the plot lies inside it."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from engine.report.learning import learning_plot, learning_view, rows_in_words, time_in_words
from engine.report.page import render_report
from engine.report.plots import BOTTOM, LEFT, RIGHT, TOP
from engine.specs.report import Report
from tests.engine.made_learning import learning_curve

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("gain", "low", "high", "begins"),
    [
        (0.03, 0.02, 0.04, "With twice the rows ROC AUC is expected to reach about 0.93 (0.92 to 0.94);"),
        (0.001, -0.001, 0.002, "More rows of this kind would change little:"),
        (0.02, -0.001, 0.04, "What more rows would bring is not sure:"),
    ],
)
def test_more_rows_are_told_as_surely_as_they_are_known(
    report: Report, gain: float, low: float, high: float, begins: str
) -> None:
    found = replace(report, learning=learning_curve(gain=gain, low=low, high=high))
    assert rows_in_words(found).startswith(begins)
    assert "6,000 training rows" in rows_in_words(found) and "0.9" in rows_in_words(found)


def test_more_time_is_told_by_how_the_chosen_ended(report: Report) -> None:
    chosen, *others = report.leaderboard
    for stopped, begins in (("time", "More time may help too"), ("early", "More time would not change")):
        found = replace(report, leaderboard=(replace(chosen, stopped=stopped), *others))
        assert time_in_words(found).startswith(begins)
    assert time_in_words(replace(report, leaderboard=())) == ""


def test_the_curve_and_what_is_expected_of_it_lie_inside_the_plot() -> None:
    found = learning_curve()
    plot = learning_plot(found)
    measured, expected = (
        [tuple(map(float, point.split(","))) for point in points.split()]
        for points in (plot.lines[0].points, plot.guide)
    )
    assert len(measured) == 4 and len(expected) == 2 and measured[-1] == expected[0]
    assert [(dot.x, dot.y) for dot in plot.dots] == [*measured, expected[1]]
    assert all(LEFT < x < RIGHT and TOP < y < BOTTOM for x, y in (*measured, *expected))
    assert all(dot.low is not None and dot.low > dot.y > (dot.high or BOTTOM) for dot in plot.dots)
    assert [tick.text for tick in plot.x_ticks] == ["750", "1,500", "3,000", "6,000", "12,000"]
    gaps = [b - a for (a, _), (b, _) in pairwise(measured)]
    assert max(gaps) - min(gaps) < 0.3, "twice the rows are always as far apart"


def test_the_page_has_a_curve_where_there_was_time_for_one(report: Report) -> None:
    assert learning_view(report) is None and "What more rows would bring" not in render_report(report)
    page = render_report(replace(report, learning=learning_curve()))
    assert "<h2>What more rows would bring</h2>" in page and "Score by training rows" in page
    assert page.count("<polyline") - render_report(report).count("<polyline") == 2
    assert "on 1,200 rows that none of these trainings saw" in page
    assert '<td class="num">12,000 <span class="tag">expected</span></td>' in page
