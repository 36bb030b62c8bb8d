"""What the page is given of a search: every mark inside its drawing, the best trials told apart."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.report.page import render_report
from engine.report.plots import BOTTOM, LEFT, RIGHT, TOP
from engine.report.search import (
    STRANDS_BOTTOM,
    STRANDS_LEFT,
    STRANDS_RIGHT,
    STRANDS_TOP,
    history_plot,
    search_sentence,
    search_view,
    weighed_dials,
)
from engine.specs.report import Report
from engine.specs.search import (
    Axis,
    Coordinates,
    HistoryPoint,
    ParamImportance,
    SearchFindings,
)

TRIALS = 40


@pytest.fixture
def found() -> SearchFindings:
    """Forty trials of which every fourth was pruned; the first has a score far below the others."""
    scores = [None if n % 4 == 3 else 0.1 if n == 0 else 0.7 + 0.005 * n for n in range(TRIALS)]
    history = []
    for number, score in enumerate(scores):
        best = max(one for one in scores[: number + 1] if one is not None)
        state = "pruned" if score is None else "complete"
        history.append(
            HistoryPoint(
                number=number,
                candidate=f"lightgbm-t{number}",
                family="lightgbm",
                state=state,  # type: ignore[arg-type]
                score=score,
                best=best,
                seconds=1.0,
            )
        )
    complete = [(number, score) for number, score in enumerate(scores) if score is not None]
    return SearchFindings(
        greater_is_better=True,
        counts={"complete": 30, "pruned": 10},
        best=38,
        best_score=0.89,
        seconds=40.0,
        history=tuple(history),
        importance=(
            ParamImportance(family="lightgbm", param="leaves", share=0.75, trials=30),
            ParamImportance(family="lightgbm", param="random_cuts", share=0.25, trials=30),
            ParamImportance(family="", param="family", share=0.5, trials=30),
        ),
        coordinates=(
            Coordinates(
                family="lightgbm",
                axes=(
                    Axis(name="leaves", low=2, high=512, log=True),
                    Axis(name="random_cuts", choices=("false", "true")),
                    Axis(name="score", low=0.1, high=0.895),
                ),
                numbers=tuple(number for number, _ in complete),
                places=tuple((number / TRIALS, 0.25, score) for number, score in complete),
                values=tuple((number + 2, False, score) for number, score in complete),
            ),
        ),
        slices=(),
    )


def _places(points: str) -> list[tuple[float, ...]]:
    return [tuple(map(float, point.split(","))) for point in points.split()]


def test_a_search_is_told_in_a_sentence(found: SearchFindings) -> None:
    assert search_sentence(found).startswith("40 trials: 30 trained to the end, 10 ended early")


def test_the_history_lies_inside_its_plot_and_one_bad_trial_does_not_press_it(found: SearchFindings) -> None:
    plot = history_plot(found)
    assert plot is not None
    places = [(dot.x, dot.y) for dot in plot.dots] + _places(plot.lines[0].points)
    assert all(LEFT <= x <= RIGHT and TOP <= y <= BOTTOM for x, y in places)
    assert len(plot.dots) == 30
    line = [y for _, y in _places(plot.lines[0].points)]
    assert line == sorted(line, reverse=True)
    heights = sorted(dot.y for dot in plot.dots)
    assert heights[-1] == BOTTOM
    assert heights[len(heights) // 2] < (TOP + BOTTOM) / 1.5


def test_trials_are_lines_across_all_axes_and_the_best_come_last(found: SearchFindings) -> None:
    (strands,) = search_view(found).strands
    assert [(axis.name, axis.low, axis.high) for axis in strands.axes] == [
        ("leaves", "2", "512"),
        ("random_cuts", "false", "true"),
        ("score", "0.1", "0.895"),
    ]
    assert [line.series for line in strands.lines] == [1] * 27 + [0] * 3
    for line in strands.lines:
        places = _places(line.points)
        assert [x for x, _ in places] == [axis.x for axis in strands.axes]
        assert all(
            STRANDS_LEFT <= x <= STRANDS_RIGHT and STRANDS_TOP <= y <= STRANDS_BOTTOM for x, y in places
        )


def test_the_kind_of_model_is_weighed_first(found: SearchFindings) -> None:
    (kind, dials), (title, own) = weighed_dials(found.importance)
    assert (kind, [dial.percent for dial in dials]) == ("", [50.0])
    assert title.startswith("Gradient-boosted trees")
    assert [(dial.name, dial.percent) for dial in own] == [("leaves", 75.0), ("random_cuts", 25.0)]


def test_a_search_of_one_trial_has_no_plot(found: SearchFindings) -> None:
    assert history_plot(replace(found, history=found.history[:1])) is None


def test_the_page_has_a_search_where_there_was_one(report: Report, found: SearchFindings) -> None:
    assert "<h2>Search</h2>" not in render_report(report)
    page = render_report(replace(report, search=replace(found, note="Too few <b>trials</b>.")))
    assert "<h2>Search</h2>" in page
    assert page.count('<polyline class="line s0"') >= 4
    assert "Too few &lt;b&gt;trials&lt;/b&gt;." in page
