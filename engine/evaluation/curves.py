"""ROC and precision-recall curves, thinned to what a plot can show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from engine.evaluation.formulas import average_precision, positives_by_threshold, roc_auc
from engine.evaluation.metrics import Floats
from engine.specs.evaluation import Curve

MOST_POINTS = 200
#: More lines than this cannot be told apart in one plot; the most frequent classes are drawn.
MOST_CURVES = 6


def roc_curves(y: Floats, scores: Floats, classes: Sequence[str]) -> tuple[Curve, ...]:
    """Return false positive share (x) against true positive share (y); of class 1, or of each class.

    Shapes: y (rows,), scores (rows, classes). Classes that do not occur, or fill all rows, have no curve.
    """
    curves = []
    for label, positive, score in _one_against_rest(y, scores, classes):
        found, rows = positives_by_threshold(positive, -score)
        x = np.concatenate(([0.0], (rows - found) / (len(y) - found[-1])))
        up = np.concatenate(([0.0], found / found[-1]))
        area = roc_auc(positive.astype(np.float64), np.column_stack((1.0 - score, score)))
        curves.append(Curve(label=label, points=_thinned(x, up), area=area or 0.0))
    return tuple(curves)


def precision_recall_curves(y: Floats, scores: Floats, classes: Sequence[str]) -> tuple[Curve, ...]:
    """Return recall (x) against precision (y); of class 1, or of each class.   area: average precision."""
    curves = []
    for label, positive, score in _one_against_rest(y, scores, classes):
        found, rows = positives_by_threshold(positive, -score)
        recall, precision = found / found[-1], found / rows
        recall, precision = np.append(0.0, recall), np.append(precision[0], precision)
        area = average_precision(positive.astype(np.float64), np.column_stack((1.0 - score, score)))
        curves.append(Curve(label=label, points=_thinned(recall, precision), area=area or 0.0))
    return tuple(curves)


def _one_against_rest(
    y: Floats, scores: Floats, classes: Sequence[str]
) -> Iterator[tuple[str, npt.NDArray[np.bool_], Floats]]:
    counts = np.bincount(y.astype(np.int64), minlength=len(classes))
    shown = [1] if len(classes) == 2 else sorted(np.argsort(-counts, kind="stable")[:MOST_CURVES].tolist())
    for column in shown:
        if 0 < counts[column] < len(y):
            yield classes[column], y == column, scores[:, column]


def _thinned(x: Floats, y: Floats) -> tuple[tuple[float, float], ...]:
    """Keep both ends and points at even steps along the drawn line."""
    along = np.concatenate(([0.0], np.cumsum(np.abs(np.diff(x)) + np.abs(np.diff(y)))))
    kept = np.unique(np.searchsorted(along, np.linspace(0.0, along[-1], MOST_POINTS)).clip(0, len(x) - 1))
    return tuple((round(float(x[i]), 5), round(float(y[i]), 5)) for i in kept)
