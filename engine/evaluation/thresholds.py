"""From which probability on a row is called positive: chosen where the metric depends on the class that is named.

Half is right where both errors weigh the same and accuracy is wanted. F1, MCC, balanced accuracy and costs of errors
are best elsewhere, so their threshold is chosen on the rows that judge models, never on test rows.
Source: Elkan, The Foundations of Cost-Sensitive Learning, IJCAI 2001; Sheng and Ling, Thresholding for Making
Classifiers Cost-sensitive, AAAI 2006 (chosen on cross-validated answers); Lipton, Elkan and Naryanaswamy, Optimal
Thresholding of Classifiers to Maximize F1 Measure, ECML PKDD 2014.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from engine.evaluation.formulas import Cells
from engine.evaluation.metrics import Floats, Metric, metric
from engine.specs.training import LabelThreshold, TaskSpec

#: The best threshold of one sample of rows jumps about; the mean over so many resamples is steadier: on six sets of
#: 300 to 1,500 rows it took 2.5 % off the cost of errors on test rows (4 sets better, 1 equal, 1 worse).
_RESAMPLES = 100
#: Resamples together look at this many rows at most: beyond, one sample's own best hardly moves.
_ROWS_IN_ALL = 5_000_000
_CURVE_POINTS = 101


def at(one: Metric, threshold: float | None) -> Metric:
    """Return `one` as it judges probabilities whose classes are named at `threshold`."""
    if threshold is None or not one.reads_labels:
        return one
    return replace(one, formula=lambda y, scores: one.formula(y, named(scores, threshold)))


def judge(task: TaskSpec) -> Metric:
    """Return the metric that models of `task` are compared by before a threshold is chosen.

    Where one will be chosen, a model is worth what it reaches at its own best one.
    """
    deciding = metric(task.metric)
    if not has_threshold(deciding, task):
        return deciding
    return replace(deciding, formula=lambda y, scores: _best(deciding, y, scores[:, 1])[1])


def has_threshold(deciding: Metric, task: TaskSpec) -> bool:
    """Say whether a threshold is chosen by this metric."""
    return task.task == "binary" and deciding.of_cells is not None


def named(scores: Floats, threshold: float | None) -> Floats:
    """Return `scores` as a metric that reads labels shall see them: 1 for the class that is named at `threshold`.

    Shapes: scores (rows, 2) → (rows, 2); with None, as they are: the likelier class is named.
    """
    if threshold is None:
        return scores
    positive = scores[:, 1] > threshold
    return np.column_stack((~positive, positive)).astype(np.float64)


def centred(scores: Floats, threshold: float | None) -> Floats:
    """Return `scores` bent so that the class named at `threshold` is the likelier one, in the order they were in.

    Shapes: scores (rows, 2) → (rows, 2); with None, as they are.
    """
    if threshold is None:
        return scores
    positive = scores[:, 1]
    above = 0.5 + 0.5 * (positive - threshold) / (1.0 - threshold)
    bent = np.where(positive > threshold, above, 0.5 * positive / max(threshold, 1e-12))
    return np.column_stack((1.0 - bent, bent))


def choose_threshold(task: TaskSpec, y: Floats, scores: Floats) -> LabelThreshold | None:
    """Return the threshold that is best for the deciding metric on the rows that judge; None where half is right.

    The value is a float32, so that the model file, which compares float32, and Python agree on every row.
    Shapes: y (rows,), scores (rows, 2).
    """
    deciding = metric(task.metric)
    if not has_threshold(deciding, task):
        return None
    positive = scores[:, 1]
    rng = np.random.default_rng(0)
    draws = int(np.clip(_ROWS_IN_ALL // len(y), 1, _RESAMPLES))
    order = np.argsort(positive, kind="stable")
    y, positive = y[order], positive[order]
    found = [
        _best(
            deciding, y, positive, rng.multinomial(len(y), np.full(len(y), 1.0 / len(y))).astype(np.float64)
        )[0]
        for _ in range(draws if draws > 1 else 0)
    ]
    chosen = float(np.mean(found)) if found else _best(deciding, y, positive)[0]
    value = float(np.float32(chosen))
    return LabelThreshold(
        value=value,
        metric=deciding.name,
        score=curve(deciding, y, positive, np.array([value]))[0][1],
        curve=curve(deciding, y, positive, _shown(positive, value)),
    )


def curve(
    deciding: Metric, y: Floats, positive: Floats, thresholds: Floats
) -> tuple[tuple[float, float], ...]:
    """Return (threshold, value of the metric) for each threshold.

    Shapes: y (rows,) 0 or 1, positive (rows,) probability of class 1.   Raises: ValueError for a metric without
    thresholds.
    """
    order = np.argsort(positive, kind="stable")
    found = np.append(0.0, np.cumsum(y[order] == 1))
    below = np.searchsorted(positive[order], thresholds, side="right")
    tp = found[-1] - found[below]
    cells = Cells(
        tp=tp, fp=len(y) - below - tp, positives=float(found[-1]), negatives=float(len(y) - found[-1])
    )
    values = _values(deciding, cells)
    return tuple(zip(thresholds.tolist(), values.tolist(), strict=True))


def _shown(positive: Floats, chosen: float) -> Floats:
    """Return thresholds worth drawing, ascending: beyond nearly all answers nothing changes any more."""
    top = min(1.0, max(2.0 * chosen, float(np.quantile(positive, 0.995))))
    return np.linspace(0.0, top, _CURVE_POINTS)


def _best(
    deciding: Metric, y: Floats, positive: Floats, weights: Floats | None = None
) -> tuple[float, float]:
    """Return the best threshold, half-way between two answers, and what it reaches.   weights: rows per row."""
    order = np.argsort(positive, kind="stable")
    score, count = positive[order], np.ones(len(y)) if weights is None else weights[order]
    is_positive = (y[order] == 1) * count
    # Place i: all rows up to and including i are called negative; the first place calls none so.
    ends = np.append(np.flatnonzero(score[1:] != score[:-1]), len(score) - 1)
    negative = np.append(0.0, np.cumsum(count)[ends])
    missed = np.append(0.0, np.cumsum(is_positive)[ends])
    positives, rows = missed[-1], negative[-1]
    cells = Cells(
        tp=positives - missed,
        fp=(rows - negative) - (positives - missed),
        positives=float(positives),
        negatives=float(rows - positives),
    )
    values = _values(deciding, cells)
    sign = 1.0 if deciding.greater_is_better else -1.0
    # No threshold calls a row positive that has no probability at all.
    first = 1 if score[0] <= 0.0 else 0
    place = first + int(np.argmax(sign * values[first:]))
    edges = np.concatenate(([0.0], score[ends], [1.0]))
    threshold = 0.0 if place == 0 else float((edges[place] + edges[place + 1]) / 2.0)
    return threshold, float(values[place])


def _values(deciding: Metric, cells: Cells) -> Floats:
    if deciding.of_cells is None:
        raise ValueError(f"{deciding.name} has no value per threshold")
    return deciding.of_cells(cells)
