"""How each metric is computed. Shapes: y (rows,), scores (rows, outputs), as in `engine.evaluation.metrics`.

Each function returns None where the rows cannot define its value; rows are never empty, scores always finite.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]

#: Probabilities below this count as this in the log loss, so that one sure error does not make it infinite.
SMALLEST_PROBABILITY = 1e-15
#: The recall at which `precision_at_recall` is read.
WANTED_RECALL = 0.8


@dataclass(frozen=True, kw_only=True)
class Cells:
    """The confusion of a binary task for each of several thresholds.

    tp, fp: (thresholds,) rows of class 1, and of class 0, that are called class 1.   positives, negatives: rows of
    class 1 and of class 0.
    """

    tp: Floats
    fp: Floats
    positives: float
    negatives: float

    @property
    def fn(self) -> Floats:
        return self.positives - self.tp

    @property
    def tn(self) -> Floats:
        return self.negatives - self.fp


def predicted_classes(scores: Floats) -> Counts:
    """Return the class of the highest score per row (rows,); ties go to the first, as ONNX ArgMax does."""
    if scores.shape[1] == 2:  # five times faster than argmax on two columns
        return (scores[:, 1] > scores[:, 0]).astype(np.int64)
    return np.asarray(np.argmax(scores, axis=1), dtype=np.int64)


def confusion_counts(y: Floats, scores: Floats) -> Counts:
    """Count rows per actual class (first axis) and predicted class (second): (classes, classes)."""
    classes = scores.shape[1]
    cells = y.astype(np.int64) * classes + predicted_classes(scores)
    return np.bincount(cells, minlength=classes * classes).reshape(classes, classes).astype(np.int64)


def positives_by_threshold(positive: npt.NDArray[np.bool_], score: Floats) -> tuple[Counts, Counts]:
    """Return positives and rows up to and including each distinct score, ascending.

    The sort is stable, which costs O(rows) where the scores come sorted already (the bootstrap sees to that).
    """
    order = np.argsort(score, kind="stable")
    ordered = score[order]
    ends = np.append(np.flatnonzero(ordered[1:] != ordered[:-1]), len(ordered) - 1)
    return np.cumsum(positive[order], dtype=np.int64)[ends], (ends + 1).astype(np.int64)


def roc_auc(y: Floats, scores: Floats) -> float | None:
    """Binary: of class 1. More classes: one against the rest, plain mean over the classes that occur."""
    columns = [1] if scores.shape[1] == 2 else list(range(scores.shape[1]))
    positives = ((y == column, scores[:, column]) for column in columns)
    values = [_binary_auc(is_, score) for is_, score in positives if is_.any() and not is_.all()]
    return float(np.mean(values)) if values else None


def _binary_auc(positive: npt.NDArray[np.bool_], score: Floats) -> float:
    """Share of (positive, negative) pairs ranked right, ties counted half (Mann-Whitney U)."""
    up_to, ends = positives_by_threshold(positive, score)
    positives = np.diff(up_to, prepend=0)
    negatives_up_to = ends - up_to
    negatives = np.diff(negatives_up_to, prepend=0)
    wins = float(np.dot(positives, negatives_up_to - negatives / 2.0))
    return wins / (float(up_to[-1]) * float(negatives_up_to[-1]))


def average_precision(y: Floats, scores: Floats) -> float | None:
    """Precision at each threshold, weighted by the recall it adds; of class 1."""
    positive = y == 1
    if not positive.any():
        return None
    up_to, ends = positives_by_threshold(positive, -scores[:, 1])
    return float(np.dot(np.diff(up_to, prepend=0), up_to / ends) / up_to[-1])


def precision_at_recall(y: Floats, scores: Floats) -> float | None:
    """Best precision among the thresholds that find at least `WANTED_RECALL` of class 1."""
    positive = y == 1
    if not positive.any():
        return None
    up_to, ends = positives_by_threshold(positive, -scores[:, 1])
    finds_enough = up_to >= WANTED_RECALL * up_to[-1]
    return float(np.max(up_to[finds_enough] / ends[finds_enough]))


def log_loss(y: Floats, scores: Floats) -> float:
    """Mean negative logarithm of the probability given to the actual class."""
    given = scores[np.arange(len(y)), y.astype(np.int64)]
    return -float(np.mean(np.log(np.clip(given, SMALLEST_PROBABILITY, 1.0))))


def brier(y: Floats, scores: Floats) -> float:
    """Half the mean squared distance to the truth: with two classes the mean of (p - y)²."""
    given = scores[np.arange(len(y)), y.astype(np.int64)]
    squares = np.einsum("ij,ij->i", scores, scores) - 2.0 * given + 1.0
    return float(np.mean(squares)) / 2.0


def accuracy(y: Floats, scores: Floats) -> float:
    """Share of rows whose predicted class is right."""
    return float(np.count_nonzero(predicted_classes(scores) == y)) / len(y)


def balanced_accuracy(y: Floats, scores: Floats) -> float:
    """Mean recall of the classes that occur."""
    counts = confusion_counts(y, scores)
    rows = counts.sum(axis=1)
    return float(np.mean(np.diag(counts)[rows > 0] / rows[rows > 0]))


def f1(y: Floats, scores: Floats) -> float:
    """Binary: of class 1, 0 when it is never met. More: mean over those that occur or are predicted."""
    counts = confusion_counts(y, scores)
    both = counts.sum(axis=0) + counts.sum(axis=1)
    values = 2.0 * np.diag(counts) / np.maximum(both, 1)
    if len(values) == 2:
        return float(values[1])
    return float(np.mean(values[both > 0]))


def mcc(y: Floats, scores: Floats) -> float | None:
    """Matthews correlation for any number of classes (Gorodkin, Comput. Biol. Chem. 28, 2004)."""
    counts = confusion_counts(y, scores).astype(np.float64)
    actual, predicted, rows = counts.sum(axis=1), counts.sum(axis=0), counts.sum()
    spread = (rows**2 - predicted @ predicted) * (rows**2 - actual @ actual)
    if spread <= 0.0:
        return None
    return float((np.trace(counts) * rows - actual @ predicted) / np.sqrt(spread))


def quadratic_kappa(y: Floats, scores: Floats) -> float | None:
    """Cohen's kappa with quadratic weights: classes count as ordered as `TaskSpec.classes` lists them."""
    counts = confusion_counts(y, scores).astype(np.float64)
    steps = np.arange(len(counts))
    weights = (steps[:, None] - steps[None, :]) ** 2
    chance = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / counts.sum()
    expected = float((weights * chance).sum())
    return None if expected == 0.0 else 1.0 - float((weights * counts).sum()) / expected


def rmse(y: Floats, scores: Floats) -> float:
    """Root of the mean squared error."""
    return float(np.sqrt(np.mean(np.square(scores[:, 0] - y))))


def mae(y: Floats, scores: Floats) -> float:
    """Mean absolute error."""
    return float(np.mean(np.abs(scores[:, 0] - y)))


def median_absolute_error(y: Floats, scores: Floats) -> float:
    """Median absolute error."""
    return float(np.median(np.abs(scores[:, 0] - y)))


def mape(y: Floats, scores: Floats) -> float | None:
    """Mean |error| / |actual|; rows whose actual value is 0 have no percentage and are left out."""
    known = y != 0.0
    if not known.any():
        return None
    return float(np.mean(np.abs(scores[known, 0] - y[known]) / np.abs(y[known])))


def smape(y: Floats, scores: Floats) -> float:
    """Mean |error| / half of (|actual| + |predicted|): 0 where both are 0, at most 2.

    Source: Makridakis and Hibon, The M3-Competition, International Journal of Forecasting 16, 2000.
    """
    size = np.abs(y) + np.abs(scores[:, 0])
    return float(np.mean(2.0 * np.abs(scores[:, 0] - y) / np.where(size > 0.0, size, 1.0)))


def rmsle(y: Floats, scores: Floats) -> float | None:
    """Root of the mean squared difference of log(1 + value); answers below 0 count as 0.

    Rows whose actual value is below 0 have no such error and are left out.
    """
    known = y >= 0.0
    if not known.any():
        return None
    return float(
        np.sqrt(np.mean(np.square(np.log1p(np.maximum(scores[known, 0], 0.0)) - np.log1p(y[known]))))
    )


def r2(y: Floats, scores: Floats) -> float | None:
    """One minus the squared errors as a share of the target's own spread."""
    spread = float(np.sum(np.square(y - np.mean(y))))
    return None if spread == 0.0 else 1.0 - float(np.sum(np.square(scores[:, 0] - y))) / spread


def balanced_accuracy_of(cells: Cells) -> Floats:
    """Return `balanced_accuracy` for each threshold; a class that does not occur is left out of the mean."""
    recalls = [
        (part, whole) for part, whole in ((cells.tp, cells.positives), (cells.tn, cells.negatives)) if whole
    ]
    return np.asarray(sum(part / whole for part, whole in recalls) / len(recalls), np.float64)


def f1_of(cells: Cells) -> Floats:
    """Return `f1` for each threshold."""
    return np.asarray(2.0 * cells.tp / np.maximum(2.0 * cells.tp + cells.fp + cells.fn, 1.0), np.float64)


def mcc_of(cells: Cells) -> Floats:
    """Return `mcc` for each threshold, 0 where one class alone occurs or is named."""
    spread = (cells.tp + cells.fp) * (cells.tn + cells.fn) * cells.positives * cells.negatives
    agreement = cells.tp * cells.tn - cells.fp * cells.fn
    return np.asarray(np.where(spread > 0.0, agreement / np.sqrt(np.maximum(spread, 1.0)), 0.0), np.float64)


def mean_cost_of(cells: Cells, false_positive: float, false_negative: float) -> Floats:
    """Return the mean cost per row for each threshold."""
    total = false_positive * cells.fp + false_negative * cells.fn
    return np.asarray(total / (cells.positives + cells.negatives), np.float64)
