"""The plots of the report as plain geometry; the template draws them, the style sheet colours them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from engine.report.scale import Scale, Tick, spread
from engine.specs.evaluation import Calibration, Curve, Residuals, ThresholdCurve
from engine.words import words

#: The plotting area inside a drawing of 420 by 300.
LEFT, RIGHT, TOP, BOTTOM = 74.0, 398.0, 10.0, 258.0


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line through points.   series: its colour, 0 being the accent."""

    points: str
    series: int
    label: str


@dataclass(frozen=True, kw_only=True)
class Dot:
    """A mark.   low, high: vertical whisker, where there is one."""

    x: float
    y: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, kw_only=True)
class Bar:
    """A standing bar."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, kw_only=True)
class Plot:
    """One plot.   note: how to read it, for a person.   guide: a thin line to compare with."""

    title: str
    note: str
    x_label: str
    y_label: str
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    lines: tuple[Line, ...] = ()
    dots: tuple[Dot, ...] = ()
    bars: tuple[Bar, ...] = ()
    guide: str = ""
    kind: str = ""


def roc_plot(curves: Sequence[Curve]) -> Plot:
    """Draw true against false positives."""
    plot, x, y = _square(
        words("False positives, share of all negatives"), words("Found, share of all positives")
    )
    return replace(
        plot,
        title="ROC curve",
        note="The further a line bends to the upper left, the better; the diagonal is guessing.",
        lines=_lines(curves, x, y),
        guide=_points(((0.0, 0.0), (1.0, 1.0)), x, y),
    )


def precision_recall_plot(curves: Sequence[Curve]) -> Plot:
    """Draw precision against recall."""
    plot, x, y = _square(
        words("Recall: share of the class that is found"), words("Precision: share of finds that are right")
    )
    return replace(
        plot,
        title="Precision and recall",
        note="What finding more of a class costs in false alarms.",
        lines=_lines(curves, x, y),
    )


def calibration_plot(found: Calibration, note: str) -> Plot:
    """Draw observed against stated probability, with 95 % whiskers."""
    plot, x, y = _square(words("Stated probability"), words("Came true"))
    dots = tuple(
        Dot(x=x(b.predicted), y=y(b.observed), low=y(b.interval.low), high=y(b.interval.high))
        for b in found.bins
    )
    return replace(
        plot,
        title="Calibration",
        note=note,
        dots=dots,
        guide=_points(((0.0, 0.0), (1.0, 1.0)), x, y),
        kind="whiskers",
    )


def threshold_plot(found: ThresholdCurve, title: str, note: str) -> Plot:
    """Draw the deciding metric over thresholds of the label, the chosen one upright.   title: of the metric."""
    values = [value for _, value in (*found.points, *found.judged)]
    low, high = spread(values)
    x = Scale(low=0.0, high=found.points[-1][0], start=LEFT, end=RIGHT)
    y = Scale(low=low, high=high, start=BOTTOM, end=TOP)
    return Plot(
        title=words("Threshold of the label"),
        note=note,
        x_label=words("Threshold of the probability"),
        y_label=title,
        x_ticks=x.ticks(5),
        y_ticks=y.ticks(5),
        lines=(
            Line(points=_points(found.points, x, y), series=0, label=words("test rows")),
            Line(points=_points(found.judged, x, y), series=1, label=words("rows it was chosen on")),
        ),
        guide=_points(((found.value, low), (found.value, high)), x, y),
        kind="threshold",
    )


def actual_plot(found: Residuals, target: str) -> Plot:
    """Draw predicted against actual values of a sample of rows."""
    low, high = spread([value for pair in found.sample for value in pair], margin=0.03)
    x, y = Scale(low=low, high=high, start=LEFT, end=RIGHT), Scale(low=low, high=high, start=BOTTOM, end=TOP)
    return Plot(
        title="Predicted and actual",
        note="Each dot is a test row; on the diagonal the answer is right.",
        x_label=words("Actual {target}", target=target),
        y_label=words("Predicted"),
        x_ticks=x.ticks(4),
        y_ticks=y.ticks(),
        dots=tuple(Dot(x=x(actual), y=y(predicted)) for actual, predicted in found.sample),
        guide=_points(((low, low), (high, high)), x, y),
        kind="cloud",
    )


def residual_plot(found: Residuals) -> Plot:
    """Draw how many rows are missed by how much."""
    edges, counts = found.histogram_edges, found.histogram_counts
    x = Scale(low=edges[0], high=edges[-1], start=LEFT, end=RIGHT)
    y = Scale(low=0.0, high=max(*counts, 1) * 1.05, start=BOTTOM, end=TOP)
    bars = tuple(
        Bar(
            x=x(left) + 0.5,
            y=y(count),
            width=max(0.5, x(right) - x(left) - 1.0),
            height=round(BOTTOM - y(count), 1),
        )
        for left, right, count in zip(edges, edges[1:], counts, strict=False)
    )
    return Plot(
        title="Errors",
        note="Actual minus predicted; right of 0 the answer was too low. Outer bars hold the rest.",
        x_label=words("Error"),
        y_label=words("Test rows"),
        x_ticks=x.ticks(4),
        y_ticks=y.ticks(4),
        bars=bars,
    )


def _square(x_label: str, y_label: str) -> tuple[Plot, Scale, Scale]:
    """Axes for two shares."""
    x = Scale(low=0.0, high=1.0, start=LEFT, end=RIGHT)
    y = Scale(low=0.0, high=1.0, start=BOTTOM, end=TOP)
    plot = Plot(
        title="", note="", x_label=x_label, y_label=y_label, x_ticks=_percents(x), y_ticks=_percents(y)
    )
    return plot, x, y


def _percents(scale: Scale) -> tuple[Tick, ...]:
    return tuple(Tick(at=scale(i / 5), text=f"{20 * i} %") for i in range(6))


def _lines(curves: Sequence[Curve], x: Scale, y: Scale) -> tuple[Line, ...]:
    return tuple(
        Line(points=_points(curve.points, x, y), series=i, label=f"{curve.label} ({curve.area:.3f})")
        for i, curve in enumerate(curves)
    )


def _points(points: Sequence[tuple[float, float]], x: Scale, y: Scale) -> str:
    return " ".join(f"{x(a):g},{y(b):g}" for a, b in points)
