from __future__ import annotations

import json

import pytest

from app.ui.charts import thin
from tests.app.ui.conftest import Draw

pytestmark = pytest.mark.slow


SCRIPTS = {
    "lines": "charts.lines([Line(name='a', points=[(0, 1), (1, None)]), Line(name='b', points=[(0, 2)], area=True)], "
    "key='k', alt='x', x_name='step')",
    "roc": "charts.roc([Line(name='a', points=[(0, 0), (1, 1)])], key='k', alt='x')",
    "calibration": "charts.calibration(Line(name='a', points=[(0, 0), (1, 1)]), key='k', alt='x')",
    "histogram": "charts.histogram([0, 1, 2], [3, 4], key='k', alt='x')",
    "small histogram": "charts.histogram([0, 1, 2], [3, 4], key='k', alt='x', small=True)",
    "bars": "charts.bars(['a', 'b'], [1, -2], key='k', alt='x')",
    "columns": "charts.columns(['a', 'b'], [1, 2], key='k', alt='x')",
    "confusion": "charts.confusion(['a', 'b'], [[3, 1], [0, 4]], key='k', alt='x')",
    "scatter": "charts.scatter([(i, i) for i in range(5000)], key='k', alt='x', diagonal=True)",
    "parallel": "charts.parallel([UprightAxis(name='a', low=1, high=9, log=True), "
    "UprightAxis(name='b', choices=['x', 'y'])], [[2, 'x'], [3, 'y']], [[4, 'x']], key='k', alt='x')",
    "nothing": "charts.lines([], key='k', alt='x')",
}


@pytest.mark.parametrize("name", SCRIPTS)
def test_every_plot_is_drawn_still_and_with_words_for_those_who_cannot_see_it(draw: Draw, name: str) -> None:
    page = draw(f"from app.ui import charts\nfrom app.ui.charts import Line, UprightAxis\n{SCRIPTS[name]}")

    assert not page.exception
    chart = page.get("echarts_chart")[0].proto
    assert chart.alt == "x"
    assert json.loads(chart.spec)["animation"] is False


def test_users_names_in_a_plot_are_cut_and_plain(draw: Draw) -> None:
    page = draw("from app.ui import charts\ncharts.bars(['A' * 10_000 + '\\n'], [1], key='k', alt='x')")

    spec = json.loads(page.get("echarts_chart")[0].proto.spec)
    assert len(spec["yAxis"]["data"][0]) < 40


@pytest.mark.parametrize(
    "call, end",
    [
        ("[0.3, 0.1], format='percent'", 1),
        ("[1.0, 0.1]", 1),
        ("[0.3, 0.1]", None),
        ("[2.3, 0.9]", None),
        ("[0.9, -0.2]", None),
        ("[]", None),
    ],
)
def test_an_axis_of_shares_ends_at_one(draw: Draw, call: str, end: float | None) -> None:
    page = draw(f"from app.ui import charts\ncharts.bars(['a', 'b'], {call}, key='k', alt='x')")

    assert json.loads(page.get("echarts_chart")[0].proto.spec)["xAxis"].get("max") == end


def test_more_points_than_a_screen_shows_are_thinned_and_the_last_one_kept() -> None:
    points = [(float(i), float(i)) for i in range(100_000)]

    kept = thin(points)

    assert len(kept) == 400
    assert (kept[0], kept[-1]) == (points[0], points[-1])
    assert thin(points[:400]) == points[:400]


def test_a_figure_in_a_confusion_matrix_is_read_on_any_cell(draw: Draw) -> None:
    page = draw("from app.ui import charts\ncharts.confusion(['a', 'b'], [[9, 1], [0, 4]], key='k', alt='x')")

    spec = json.loads(page.get("echarts_chart")[0].proto.spec)
    inks = [cell["label"]["color"] for cell in spec["series"][0]["data"]]
    assert inks == ["#ffffff", "#1f2937", "#1f2937", "#ffffff"]
    assert "opacity" not in spec["visualMap"]["inRange"]
