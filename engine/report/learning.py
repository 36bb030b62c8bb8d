"""What the page shows of a learning curve: what more rows would bring, and more time, in words and as a plot."""

from __future__ import annotations

import math
from dataclasses import dataclass

from engine.evaluation.metrics import metric
from engine.families import family
from engine.report.plots import BOTTOM, LEFT, RIGHT, TOP, Dot, Line, Plot
from engine.report.scale import Scale, Tick, spread
from engine.specs.learning import LearningCurve
from engine.specs.report import Report
from engine.specs.wording import figure
from engine.words import words


@dataclass(frozen=True, kw_only=True)
class LearningView:
    """A learning curve, ready to be written.   sentence: of more rows.   time: of more time.   note: of whom it is."""

    sentence: str
    time: str
    note: str
    plot: Plot


def learning_view(report: Report) -> LearningView | None:
    """Prepare a report's learning curve for the page; None where it has none."""
    found = report.learning
    if found is None:
        return None
    return LearningView(
        sentence=rows_in_words(report),
        time=time_in_words(report),
        note=judged_in_words(found),
        plot=learning_plot(found),
    )


def rows_in_words(report: Report) -> str:
    """Say what twice as many training rows would bring; "" where no curve was drawn."""
    found = report.learning
    if found is None:
        return ""
    told = {
        "title": words(metric(found.metric).title),
        "rows": found.whole.rows,
        "now": figure(found.whole.score),
        "score": figure(found.doubled.score),
        "low": figure(found.doubled.interval.low),
        "high": figure(found.doubled.interval.high),
    }
    baseline = report.evaluation.against("baseline") if report.evaluation is not None else None
    if found.changes_little(baseline.gain if baseline is not None else 0.0):
        return words(
            "More rows of this kind would change little: with {rows:,} training rows {title} is {now}, and twice as "
            "many are expected to bring it to about {score} ({low} to {high}).",
            **told,
        )
    if found.gain_interval.low > 0.0:
        return words(
            "With twice the rows {title} is expected to reach about {score} ({low} to {high}); with {rows:,} training "
            "rows it is {now}.",
            **told,
        )
    return words(
        "What more rows would bring is not sure: with {rows:,} training rows {title} is {now}, and with twice as many "
        "it is expected at about {score} ({low} to {high}).",
        **told,
    )


def time_in_words(report: Report) -> str:
    """Say what more time would change about the chosen models; "" where none is known."""
    stopped = [row.stopped for row in report.leaderboard if row.is_chosen]
    if not stopped:
        return ""
    if "time" in stopped:
        return words("More time may help too: the time limit ended the training of a chosen model.")
    return words(
        "More time would not change the chosen models, whose training came to its end; it only lets others be tried."
    )


def judged_in_words(found: LearningCurve) -> str:
    """Say which model the curve is of, and who judged it."""
    return words(
        "Of the chosen model with the most weight, {family}, on {judged:,} rows that none of these trainings saw.",
        family=words(family(found.family).title),
        judged=found.judged,
    )


def learning_plot(found: LearningCurve) -> Plot:
    """Draw the score over training rows with 95 % whiskers, and dashed what twice the rows are expected to bring."""
    dots = (*found.points, found.doubled)
    low, high = spread([end for one in dots for end in (one.interval.low, one.interval.high)])
    first, last = math.log2(dots[0].rows), math.log2(dots[-1].rows)
    x = Scale(low=first - 0.3, high=last + 0.3, start=LEFT, end=RIGHT)
    y = Scale(low=low, high=high, start=BOTTOM, end=TOP)
    places = [(rows, x(math.log2(rows)), y(score)) for rows, score in found.line]
    title = metric(found.metric).title
    return Plot(
        title=words("Score by training rows"),
        note=words("Parts of the training rows, up to all of them; dashed: what twice as many may bring."),
        x_label=words("Training rows"),
        y_label=title,
        x_ticks=tuple(Tick(at=x(math.log2(one.rows)), text=f"{one.rows:,}") for one in dots),
        y_ticks=y.ticks(5),
        lines=(
            Line(
                points=" ".join(f"{a:g},{b:g}" for rows, a, b in places if rows <= found.whole.rows),
                series=0,
                label="",
            ),
        ),
        dots=tuple(
            Dot(
                x=x(math.log2(one.rows)),
                y=y(one.score),
                low=y(one.interval.low),
                high=y(one.interval.high),
            )
            for one in dots
        ),
        guide=" ".join(f"{a:g},{b:g}" for rows, a, b in places if rows >= found.whole.rows),
        kind="whiskers",
    )
