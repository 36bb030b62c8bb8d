"""Plots in one style. Colours and type come from the theme; nothing moves unless the data do.

All are drawn by ECharts: cheap enough to be drawn again every second. Every plot needs a `key`, free of language, and
an `alt`: its message in a sentence, for those who cannot see it. Words in a plot are plain text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import streamlit as st

from app.ui.language import _
from app.ui.plain import short

#: More points than a screen has pixels say nothing; callers may pass any number.
MOST_POINTS = 400
_LABEL_CHARS = 28
_FAINT = "rgba(128,140,137,0.22)"
_QUIET = "rgba(128,140,137,0.75)"
#: A cell of no rows and one of all; an opacity would fade the figure in the cell too.
_PALE, _FULL = "rgba(15,118,110,0.06)", "rgba(15,118,110,1)"
_TOOLTIP: dict[str, Any] = {
    "confine": True, "borderWidth": 1, "borderColor": _FAINT, "padding": [6, 10],
    "textStyle": {"fontSize": 12}, "extraCssText": "box-shadow:0 4px 16px rgba(0,0,0,.08)",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line.   points: (x, y), x ascending; a y of None parts the line.   dashed: for a reference, not data.

    color: a CSS colour, or "" for the theme's next one.   area: softly filled below.
    """

    name: str
    points: Sequence[tuple[float, float | None]]
    dashed: bool = False
    color: str = ""
    area: bool = False


def lines(
    series: Sequence[Line], *, key: str, alt: str, x_name: str = "", y_name: str = "", height: int = 300,
    square: tuple[float, float] | None = None,
) -> None:  # fmt: skip
    """Draw lines over a number axis: learning curves, scores over time.

    square: (low, high) of both axes.
    """
    drawn = []
    for line in series:
        item: dict[str, Any] = {
            "name": short(line.name, _LABEL_CHARS), "type": "line", "showSymbol": len(line.points) == 1,
            "data": [[x, y] for x, y in thin(line.points)], "lineStyle": {"width": 2},
            "emphasis": {"disabled": True},
        }  # fmt: skip
        if line.dashed:
            item |= {"lineStyle": {"width": 1.5, "type": "dashed", "color": line.color or _QUIET}}
            item |= {"itemStyle": {"color": line.color or _QUIET}, "silent": True, "tooltip": {"show": False}}
        elif line.color:
            item |= {"itemStyle": {"color": line.color}, "lineStyle": {"width": 2, "color": line.color}}
        if line.area:
            item["areaStyle"] = {"opacity": 0.1}
        drawn.append(item)
    bounds = {"min": square[0], "max": square[1]} if square else {}
    _draw(
        {
            "legend": _legend([item["name"] for item in drawn]),
            "tooltip": {**_TOOLTIP, "trigger": "axis"},
            "xAxis": {**_axis(x_name), "type": "value", "splitLine": {"show": False}, **bounds},
            "yAxis": {**_upright(y_name), "type": "value", "scale": True, **bounds},
            "series": drawn,
        },
        key=key, alt=alt, height=height,
    )  # fmt: skip


def roc(curves: Sequence[Line], *, key: str, alt: str, height: int = 320) -> None:
    """Draw ROC curves (x: share of the others called so wrongly, y: share found) with the line of guessing."""
    guess = Line(name=_("guessing"), points=((0.0, 0.0), (1.0, 1.0)), dashed=True)
    lines(
        [*curves, guess], key=key, alt=alt, height=height, square=(0.0, 1.0),
        x_name=_("false alarms"), y_name=_("found"),
    )  # fmt: skip


def calibration(line: Line, *, key: str, alt: str, height: int = 320) -> None:
    """Draw what was promised (x) against what came true (y), with the line of perfect honesty."""
    honest = Line(name=_("as promised"), points=((0.0, 0.0), (1.0, 1.0)), dashed=True)
    lines(
        [line, honest], key=key, alt=alt, height=height, square=(0.0, 1.0),
        x_name=_("promised"), y_name=_("came true"),
    )  # fmt: skip


def histogram(
    edges: Sequence[float],
    counts: Sequence[int],
    *,
    key: str,
    alt: str,
    height: int = 220,
    small: bool = False,
    name: str = "",
) -> None:
    """Draw how often values fall between edges (one more than counts).   small: without axes, for a card.

    name: what is counted; rows when not given.
    """
    names = [f"{_brief(low)} – {_brief(high)}" for low, high in pairwise(edges)]
    spec: dict[str, Any] = {
        "tooltip": {**_TOOLTIP, "trigger": "axis", "axisPointer": {"type": "none"}},
        "xAxis": {**_axis(""), "type": "category", "data": names},
        "yAxis": {**_axis(""), "type": "value"},
        "series": [
            {
                "type": "bar",
                "data": list(counts),
                "barCategoryGap": "8%",
                "name": name or _("rows"),
                "itemStyle": {"borderRadius": [2, 2, 0, 0], "opacity": 0.88}, "emphasis": {"disabled": True},
            }
        ],
    }  # fmt: skip
    _draw(_bare(spec) if small else spec, key=key, alt=alt, height=height)


def bars(
    names: Sequence[str], values: Sequence[float], *, key: str, alt: str, height: int | None = None,
    small: bool = False, format: str = "",
) -> None:  # fmt: skip
    """Draw named values as lying bars, first on top: top values, importances, and contributions below zero too.

    format: of the numbers, as `st.metric` writes them ("percent", "compact", "%.3f").   small: for a card.
    An axis of shares ends at 1: rounded ends would let it go on to 1.2, and differ from plot to plot.
    """
    shown = [short(name, 18 if small else _LABEL_CHARS) for name in names]
    tooltip = {**_TOOLTIP, "trigger": "axis", "axisPointer": {"type": "none"}}
    if format:
        tooltip["valueFormatter"] = format
    signed = any(value < 0 for value in values)
    data = [
        {"value": value, "itemStyle": {"color": "#d9556b"}} if value < 0 else {"value": value}
        for value in values
    ]
    spec: dict[str, Any] = {
        "grid": {"left": 4, "right": 16, "top": 4, "bottom": 4, "containLabel": True},
        "tooltip": tooltip,
        "xAxis": {**_axis(""), "type": "value", "splitNumber": 4},
        "yAxis": {
            "type": "category", "data": shown, "inverse": True, "axisLine": {"show": False},
            "axisTick": {"show": False}, "axisLabel": {"fontSize": 11 if small else 12},
        },
        "series": [
            {
                "type": "bar", "data": data, "barMaxWidth": 12 if small else 16,
                "itemStyle": {"borderRadius": 3 if signed else [0, 3, 3, 0], "opacity": 0.88},
                "emphasis": {"disabled": True},
            }
        ],
    }  # fmt: skip
    if len(values) and min(values) >= 0 and max(values) <= 1 and (format == "percent" or max(values) > 0.5):
        spec["xAxis"] |= {"max": 1, "interval": 0.25}
    if small:
        spec["xAxis"] = {"type": "value", "show": False}
    _draw(spec, key=key, alt=alt, height=height or max(90, 34 + 26 * len(shown)))


def columns(
    names: Sequence[str],
    values: Sequence[float],
    *,
    key: str,
    alt: str,
    height: int = 220,
    small: bool = False,
) -> None:
    """Draw named values as standing bars, in their order: classes, days."""
    spec: dict[str, Any] = {
        "tooltip": {**_TOOLTIP, "trigger": "axis", "axisPointer": {"type": "none"}},
        "xAxis": {**_axis(""), "type": "category", "data": [short(name, 14) for name in names]},
        "yAxis": {**_axis(""), "type": "value"},
        "series": [
            {
                "type": "bar", "data": list(values), "barMaxWidth": 36, "emphasis": {"disabled": True},
                "itemStyle": {"borderRadius": [3, 3, 0, 0]},
            }
        ],
    }  # fmt: skip
    _draw(_bare(spec) if small else spec, key=key, alt=alt, height=height)


def confusion(labels: Sequence[str], counts: Sequence[Sequence[int]], *, key: str, alt: str) -> None:
    """Draw actual classes (rows, first on top) against predicted ones; colour: share of the actual class."""
    shown = [short(label, 16) for label in labels]
    cells = []
    for actual, line in enumerate(counts):
        total = sum(line) or 1
        cells += [
            {
                "value": [predicted, actual, round(n / total, 4), n],
                "label": {"formatter": f"{n:,}", "color": _ink(n / total)},
            }
            for predicted, n in enumerate(line)
        ]
    side = {"type": "category", "data": shown, "axisLine": {"show": False}, "axisTick": {"show": False}}
    _draw(
        {
            "tooltip": {"show": False},
            "xAxis": {**side, "name": _("predicted"), "nameLocation": "middle", "nameGap": 28, "position": "bottom"},
            "yAxis": {**side, "name": _("actual"), "inverse": True, "nameLocation": "start"},
            "visualMap": {"show": False, "min": 0, "max": 1, "dimension": 2, "inRange": {"color": [_PALE, _FULL]}},
            "series": [
                {
                    "type": "heatmap", "data": cells, "label": {"show": len(shown) <= 12},
                    "itemStyle": {"borderWidth": 2, "borderColor": "transparent", "borderRadius": 4},
                    "emphasis": {"disabled": True},
                }
            ],
        },
        key=key, alt=alt, height=min(560, 130 + 44 * len(shown)),
    )  # fmt: skip


def scatter(
    points: Sequence[tuple[float, float]], *, key: str, alt: str, x_name: str = "", y_name: str = "",
    diagonal: bool = False, height: int = 320,
) -> None:  # fmt: skip
    """Draw points, at most 2,000 of them.   diagonal: with the line y = x, for predicted against actual."""
    kept = list(points)[:: -(-len(points) // 2000) or 1]
    series: list[dict[str, Any]] = [
        {
            "type": "scatter",
            "data": [list(point) for point in kept],
            "symbolSize": 5,
            "itemStyle": {"opacity": 0.45},
        }
    ]
    if diagonal and kept:
        flat = [value for point in kept for value in point]
        ends = [[min(flat)] * 2, [max(flat)] * 2]
        series.append(
            {
                "type": "line", "data": ends, "showSymbol": False, "silent": True,
                "lineStyle": {"type": "dashed", "width": 1.5, "color": _QUIET}, "tooltip": {"show": False},
            }
        )  # fmt: skip
    _draw(
        {
            "tooltip": {**_TOOLTIP, "trigger": "item"},
            "xAxis": {**_axis(x_name), "type": "value", "scale": True},
            "yAxis": {**_upright(y_name), "type": "value", "scale": True},
            "series": series,
        },
        key=key, alt=alt, height=height,
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class UprightAxis:
    """One axis of parallel coordinates.   low, high: None for the values' own ends.

    choices: of an axis without numbers, bottom to top.
    """

    name: str
    low: float | None = None
    high: float | None = None
    log: bool = False
    choices: Sequence[str] = ()


def parallel(
    axes: Sequence[UprightAxis],
    rows: Sequence[Sequence[Any]],
    best: Sequence[Sequence[Any]],
    *,
    key: str,
    alt: str,
    height: int = 320,
) -> None:
    """Draw rows as lines across upright axes, `best` ones over the others.   Rows: a value, or a choice, per axis."""
    drawn = [
        {"dim": at, "name": short(axis.name, 16), "nameTextStyle": {"fontSize": 11}}
        | (
            {"type": "category", "data": list(axis.choices)}
            if axis.choices
            else {"type": "log" if axis.log else "value", "min": axis.low, "max": axis.high, "scale": True}
        )
        for at, axis in enumerate(axes)
    ]
    _draw(
        {
            "parallelAxis": drawn,
            "parallel": {"left": 40, "right": 56, "top": 36, "bottom": 20},
            "series": [
                {"type": "parallel", "data": [list(row) for row in lines], "lineStyle": style}
                for lines, style in (
                    (rows, {"width": 1, "opacity": 0.25, "color": _QUIET}), (best, {"width": 2, "opacity": 0.9})
                )
            ],
        },
        key=key, alt=alt, height=height,
    )  # fmt: skip


def thin(
    points: Sequence[tuple[float, float | None]], most: int = MOST_POINTS
) -> list[tuple[float, float | None]]:
    """Return at most `most` of the points, evenly, with the last one."""
    if len(points) <= most:
        return list(points)
    step = (len(points) - 1) / (most - 1)
    return [points[round(index * step)] for index in range(most)]


def _draw(spec: dict[str, Any], *, key: str, alt: str, height: int) -> None:
    base: dict[str, Any] = {
        "animation": False,
        "grid": {"left": 8, "right": 16, "top": 36 if spec.get("legend") else 16, "bottom": 8, "containLabel": True},
    }  # fmt: skip
    if spec.get("yAxis", {}).get("name") and spec["yAxis"].get("nameLocation") == "end":
        base["grid"]["top"] = 36
    if spec.get("xAxis", {}).get("name") and spec.get("xAxis", {}).get("nameLocation") == "middle":
        base["grid"]["bottom"] = 26
    st.echarts_chart({**base, **{k: v for k, v in spec.items() if v}}, key=key, alt=alt, height=height)


def _axis(name: str) -> dict[str, Any]:
    return {
        "name": short(name, 40), "nameLocation": "middle", "nameGap": 30,
        "nameTextStyle": {"fontSize": 12, "color": _QUIET},
        "axisLine": {"show": False}, "axisTick": {"show": False},
        "axisLabel": {"fontSize": 11, "hideOverlap": True}, "splitLine": {"lineStyle": {"color": _FAINT}},
    }  # fmt: skip


def _upright(name: str) -> dict[str, Any]:
    """Return an axis with its name above it: beside it there is no room for names, whose labels are of any width."""
    style = {"fontSize": 12, "color": _QUIET, "align": "left"}
    return {**_axis(name), "nameLocation": "end", "nameGap": 12, "nameTextStyle": style}


def _ink(share: float) -> str:
    """Return the colour in which a figure is read on a cell that is coloured by `share`."""
    return "#ffffff" if share > 0.5 or st.context.theme.type == "dark" else "#1f2937"


def _legend(names: Sequence[str]) -> dict[str, Any] | None:
    if len(names) < 2:
        return None
    return {"top": 0, "right": 0, "icon": "roundRect", "itemWidth": 12, "itemHeight": 4, "type": "scroll"}


def _bare(spec: dict[str, Any]) -> dict[str, Any]:
    """Return the spec without axes and margins."""
    return {
        **spec,
        "grid": {"left": 0, "right": 0, "top": 4, "bottom": 1},
        "xAxis": {**spec["xAxis"], "show": False},
        "yAxis": {**spec["yAxis"], "show": False},
    }


def _brief(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
