"""What more rows would bring, and more time: two sentences and a plot."""

from __future__ import annotations

import streamlit as st

from app.ui import cards, charts
from app.ui.language import _, tell
from app.ui.plain import plain
from engine.evaluation.metrics import metric
from engine.report.learning import judged_in_words, rows_in_words, time_in_words
from engine.specs.report import Report


def show_learning(report: Report, *, key: str) -> None:
    """Draw a report's learning curve, where it has one.   key: language-free, one per page."""
    found = report.learning
    if found is None:
        return
    title = tell(metric(found.metric).title)
    ends = found.doubled.interval
    with cards.card(
        f"{key}-learning", _("What more rows would bring"), plain(tell(rows_in_words(report)), 600)
    ):
        charts.lines(
            [
                charts.Line(
                    name=_("measured"), points=[(float(one.rows), one.score) for one in found.points]
                ),
                charts.Line(
                    name=_("expected"),
                    points=[
                        (float(found.whole.rows), found.whole.score),
                        *((rows, score) for rows, score in found.line if rows > found.whole.rows),
                    ],
                    dashed=True,
                ),
                charts.Line(
                    name=_("95 % interval"),
                    points=[(float(found.doubled.rows), ends.low), (float(found.doubled.rows), ends.high)],
                    dashed=True,
                ),
            ],
            key=f"{key}-learning",
            alt=_("{score} by training rows").format(score=title),
            x_name=_("training rows"),
            y_name=title,
        )
        st.caption(f"{plain(tell(time_in_words(report)), 400)} {plain(tell(judged_in_words(found)), 400)}")
