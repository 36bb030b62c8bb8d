"""How good a model's answers are: all figures, and the plots that belong to its task."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from app.ui import amounts, cards, charts, frame, tables
from app.ui.language import _, tell
from app.ui.plain import plain, short
from engine.report.view import bounds_in_words, calibration_in_words, threshold_in_words
from engine.specs.evaluation import Curve, Evaluation

_MOST_CURVES = 6
_MOST_CLASSES = 12


def show_quality(found: Evaluation, *, key: str) -> None:
    """Draw every figure and plot of an evaluation.   key: language-free, one per page."""
    _scores(found, key=key)
    _threshold(found, key=key)
    left, right = st.columns(2, gap="medium")
    if found.confusion is not None:
        with (
            left,
            cards.card(f"{key}-confusion", _("Right and wrong"), _("Rows by actual and given answer.")),
        ):
            labels, counts = _most_frequent(found.confusion.classes, found.confusion.counts)
            charts.confusion(labels, counts, key=f"{key}-confusion", alt=_("Actual against given answers"))
    if found.roc:
        with right, cards.card(f"{key}-roc", _("ROC curve"), _("The further to the upper left, the better.")):
            charts.roc(_curves(found.roc), key=f"{key}-roc", alt=_("Share found against false alarms"))
    if found.calibration is not None:
        with (
            left,
            cards.card(
                f"{key}-calibration",
                _("Calibration"),
                plain(tell(calibration_in_words(found.calibration)), 400),
            ),
        ):
            points = [(float(b.predicted), float(b.observed)) for b in found.calibration.bins]
            charts.calibration(
                charts.Line(name=_("this model"), points=points),
                key=f"{key}-calibration",
                alt=_("Promised probabilities against what came true"),
            )
    if found.precision_recall:
        with (
            right,
            cards.card(
                f"{key}-pr",
                _("Precision and recall"),
                _("What finding more of a class costs in false alarms."),
            ),
        ):
            charts.lines(
                _curves(found.precision_recall),
                key=f"{key}-pr",
                alt=_("Precision against recall"),
                x_name=_("recall"),
                y_name=_("precision"),
                square=(0.0, 1.0),
                height=320,
            )
    if found.residuals is not None:
        _residuals(found, left, right, key=key)
    _slices(found, key=key)


def _scores(found: Evaluation, *, key: str) -> None:
    tables.table(
        [
            tables.TableColumn(title=_("Figure")),
            tables.TableColumn(title=_("This model"), kind="number", digits="%.5g"),
            tables.TableColumn(title=_("From"), kind="number", digits="%.5g", help=_("95 % interval.")),
            tables.TableColumn(title=_("To"), kind="number", digits="%.5g", help=_("95 % interval.")),
            tables.TableColumn(title=_("Linear model"), kind="number", digits="%.5g"),
            tables.TableColumn(title=_("Guessing"), kind="number", digits="%.5g"),
            tables.TableColumn(title=_("Means")),
        ],
        [
            (
                tell(score.title),
                score.value,
                score.interval.low if score.interval else None,
                score.interval.high if score.interval else None,
                score.linear,
                score.baseline,
                tell(score.help),
            )
            for score in found.scores
        ],
        key=f"{key}-scores",
        alt=_("All figures on the test rows"),
    )


def _threshold(found: Evaluation, *, key: str) -> None:
    """Draw the deciding figure over thresholds of the label, where one was chosen."""
    curve = found.threshold
    if curve is None:
        return
    values = [value for _, value in (*curve.points, *curve.judged)]
    title = tell(found.deciding.title)
    with cards.card(
        f"{key}-threshold", _("Threshold of the label"), plain(tell(threshold_in_words(found)), 600)
    ):
        charts.lines(
            [
                charts.Line(name=_("test rows"), points=curve.points),
                charts.Line(name=_("rows it was chosen on"), points=curve.judged),
                charts.Line(
                    name=_("chosen"),
                    points=[(curve.value, min(values)), (curve.value, max(values))],
                    dashed=True,
                ),
            ],
            key=f"{key}-threshold",
            alt=_("{score} over thresholds of the label").format(score=title),
            x_name=_("threshold of the probability"),
            y_name=title,
        )


def _most_frequent(
    classes: Sequence[str], counts: Sequence[Sequence[int]]
) -> tuple[list[str], list[list[int]]]:
    order = sorted(range(len(classes)), key=lambda i: -sum(counts[i]))[:_MOST_CLASSES]
    shown = sorted(order)
    return [classes[i] for i in shown], [[counts[i][j] for j in shown] for i in shown]


def _curves(curves: Sequence[Curve]) -> list[charts.Line]:
    shown = sorted(curves, key=lambda curve: -curve.area)[:_MOST_CURVES]
    return [
        charts.Line(
            name=f"{short(curve.label, 20)} {amounts.number(curve.area, 3)}",
            points=[(x, y) for x, y in curve.points],
        )
        for curve in shown
    ]


def _residuals(found: Evaluation, left: Any, right: Any, *, key: str) -> None:
    rest = found.residuals
    if rest is None:
        return
    with (
        left,
        cards.card(
            f"{key}-actual",
            _("Given and actual"),
            _("Each dot is a test row; on the line the answer is right."),
        ),
    ):
        charts.scatter(
            [(predicted, actual) for actual, predicted in rest.sample],
            key=f"{key}-actual",
            alt=_("Given answers against actual values"),
            x_name=_("given"),
            y_name=_("actual"),
            diagonal=True,
        )
    with right, cards.card(f"{key}-errors", _("Errors"), _("Actual minus given; right of 0 it was too low.")):
        charts.histogram(
            rest.histogram_edges,
            rest.histogram_counts,
            key=f"{key}-errors",
            alt=_("How often which error occurs"),
            height=320,
        )
    if found.coverage is not None:
        with cards.card(
            f"{key}-bounds", _("How sure an answer is"), plain(tell(bounds_in_words(found)), 600)
        ):
            cards.facts(
                [
                    (_("Promised"), amounts.share(found.coverage.level)),
                    (_("Held on test rows"), amounts.share(found.coverage.share)),
                    (_("Average width"), amounts.number(found.coverage.mean_width)),
                ],
                key=f"{key}-bounds",
            )


def _slices(found: Evaluation, *, key: str) -> None:
    if not found.slices:
        return
    frame.section(_("Groups of rows"), _("The deciding figure on the rows that hold one value of a column."))
    tables.table(
        [
            tables.TableColumn(title=_("Column")),
            tables.TableColumn(title=_("Value")),
            tables.TableColumn(title=_("Rows"), kind="integer"),
            tables.TableColumn(title=tell(found.deciding.title), kind="number", digits="%.5g"),
            tables.TableColumn(title=_("Clearly worse"), kind="yes"),
        ],
        [(part.column, part.value, part.rows, part.score, part.is_weakest) for part in found.slices],
        key=f"{key}-slices",
        alt=_("The figure per group"),
    )
