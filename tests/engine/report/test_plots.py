"""Every mark of every plot lies inside the plotting area."""

from __future__ import annotations

from engine.report.plots import (
    BOTTOM,
    LEFT,
    RIGHT,
    TOP,
    Plot,
    actual_plot,
    calibration_plot,
    precision_recall_plot,
    residual_plot,
    roc_plot,
)
from engine.specs.report import Report


def assert_inside(plot: Plot) -> None:
    places = [tuple(map(float, p.split(","))) for line in plot.lines for p in line.points.split()]
    places += [tuple(map(float, p.split(","))) for p in plot.guide.split()]
    places += [(dot.x, dot.y) for dot in plot.dots]
    places += [(bar.x, bar.y) for bar in plot.bars] + [(b.x + b.width, b.y + b.height) for b in plot.bars]
    assert places
    assert all(LEFT <= x <= RIGHT + 0.1 and TOP <= y <= BOTTOM + 0.1 for x, y in places)
    assert plot.title and plot.note and plot.x_ticks and plot.y_ticks


def test_classification_plots(report: Report) -> None:
    found = report.evaluation
    assert found is not None and found.calibration is not None
    for plot in (roc_plot(found.roc), precision_recall_plot(found.precision_recall)):
        assert_inside(plot)
        assert len(plot.lines) == 1 and plot.lines[0].series == 0
    calibration = calibration_plot(found.calibration, "Read it so.")
    assert_inside(calibration)
    assert all(dot.low is not None and dot.low >= dot.y >= (dot.high or 0.0) for dot in calibration.dots)


def test_regression_plots(regression_report: Report) -> None:
    found = regression_report.evaluation
    assert found is not None and found.residuals is not None
    scatter = actual_plot(found.residuals, "price")
    assert_inside(scatter)
    assert len(scatter.dots) == 300 and scatter.x_label == "Actual price"
    assert_inside(residual_plot(found.residuals))
