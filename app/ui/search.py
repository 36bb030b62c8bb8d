"""A search as a page: what it did, how it went, what mattered and how its trials lie across their params."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from app.ui import amounts, cards, charts
from app.ui.language import _, tell
from app.ui.plain import plain
from engine.families import family
from engine.report.search import BEST_SHARE, search_sentence, weighed_dials
from engine.specs.search import Axis, Coordinates, SearchFindings


def show_search(found: SearchFindings, *, key: str) -> None:
    """Draw a search.   key: language-free, one per page."""
    st.markdown(plain(tell(search_sentence(found)), 400))
    if found.best_score is not None:
        st.caption(_("Best score of a trial: {score}").format(score=amounts.number(found.best_score)))
    _history(found, key=key)
    for title, dials in weighed_dials(found.importance):
        told = tell(title) if title else _("Kind of model")
        with cards.card(
            f"{key}-weighed-{title or 'kind'}",
            _("What mattered"),
            _("How much of the difference between scores each parameter explains.") + f" {plain(told)}",
        ):
            charts.bars(
                [dial.name if title else told for dial in dials],
                [dial.percent for dial in dials],
                key=f"{key}-weighed-{title or 'kind'}",
                alt=_("What mattered") + f": {told}",
            )
    for one in found.coordinates:
        if len(one.numbers) > 1:
            _strands(one, key=key, greater_is_better=found.greater_is_better)
    if found.note:
        st.caption(plain(tell(found.note), 400))


def _history(found: SearchFindings, *, key: str) -> None:
    best = [(float(point.number), point.best) for point in found.history if point.best is not None]
    scored = [(float(point.number), point.score) for point in found.history if point.score is not None]
    if len(scored) < 2:
        return
    with cards.card(f"{key}-history", _("Search history")):
        charts.lines(
            [
                charts.Line(name=_("best so far"), points=best),
                charts.Line(name=_("each trial"), points=scored, dashed=True),
            ],
            key=f"{key}-history",
            alt=_("Search history"),
            x_name=_("Trial"),
            y_name=_("Score"),
        )


def _strands(found: Coordinates, *, key: str, greater_is_better: bool) -> None:
    title = tell(family(found.family).title)
    order = sorted(found.values, key=lambda values: values[-1], reverse=greater_is_better)
    rows = [_row(found.axes, values) for values in order]
    best = max(1, round(BEST_SHARE * len(rows)))
    with cards.card(
        f"{key}-strands-{found.family}",
        plain(title),
        _("Each line is a trial across its parameters; the best tenth stands out."),
    ):
        charts.parallel(
            [*(_axis(axis) for axis in found.axes[:-1]), charts.UprightAxis(name=_("score"))],
            rows[best:],
            rows[:best],
            key=f"{key}-strands-{found.family}",
            alt=_("Trials across their parameters") + f": {title}",
        )


def _axis(axis: Axis) -> charts.UprightAxis:
    # A log scale cannot show the 0 that it may begin with.
    is_log = axis.log and axis.low > 0
    return charts.UprightAxis(
        name=axis.name, low=axis.low, high=axis.high, log=is_log, choices=[str(one) for one in axis.choices]
    )


def _row(axes: Sequence[Axis], values: Sequence[Any]) -> list[Any]:
    return [
        (str(value).lower() if isinstance(value, bool) else value) if axis.choices else value
        for axis, value in zip(axes, values, strict=True)
    ]
