"""Whether probabilities can be taken at their word."""

from __future__ import annotations

import numpy as np

from engine.evaluation.metrics import Floats, predicted_classes
from engine.specs.evaluation import Calibration, Interval, ReliabilityBin

MOST_BINS = 10
#: Rows a bin needs before its observed share says anything (a standard error of at most 0.1).
ROWS_PER_BIN = 25
_Z = 1.959964


def calibration(y: Floats, scores: Floats) -> Calibration:
    """Compare probabilities with what came true, in bins of about equal rows.

    Two classes: the probability of class 1. More: the probability of the predicted class.
    Shapes: y (rows,), scores (rows, classes).
    Source: Guo et al., On Calibration of Modern Neural Networks, 2017 (top label); Nixon et al., Measuring
    Calibration in Deep Learning, 2019 (bins of equal rows).
    """
    if scores.shape[1] == 2:
        given, came = scores[:, 1], y == 1
    else:
        given, came = scores.max(axis=1), predicted_classes(scores) == y
    order = np.argsort(given, kind="stable")
    bins = min(MOST_BINS, max(1, len(y) // ROWS_PER_BIN))
    parts = [part for part in np.array_split(order, bins) if len(part)]
    found = tuple(_bin(given[part], came[part].astype(np.float64)) for part in parts)
    weights = np.array([b.rows for b in found]) / len(y)
    gaps = np.array([abs(b.predicted - b.observed) for b in found])
    # Mean absolute deviation of a binomial share around its truth: sqrt(2/π) of its standard error.
    chance = [np.sqrt(2.0 / np.pi * b.predicted * (1.0 - b.predicted) / b.rows) for b in found]
    return Calibration(
        of="positive" if scores.shape[1] == 2 else "top",
        bins=found,
        expected_error=float(weights @ gaps),
        chance_error=float(weights @ np.array(chance)),
    )


def wilson(share: float, rows: int) -> Interval:
    """Return the 95 % interval of a share seen in `rows` rows.

    Source: Wilson, Journal of the American Statistical Association 22, 1927.

    >>> round(wilson(0.0, 10).high, 4)
    0.2775
    """
    middle = share + _Z**2 / (2 * rows)
    reach = _Z * np.sqrt(share * (1.0 - share) / rows + _Z**2 / (4 * rows**2))
    scale = 1.0 + _Z**2 / rows
    low, high = (middle - reach) / scale, (middle + reach) / scale
    return Interval(low=max(0.0, float(low)), high=min(1.0, float(high)))


def _bin(given: Floats, came: Floats) -> ReliabilityBin:
    observed = float(came.mean())
    predicted = min(1.0, max(0.0, float(given.mean())))
    return ReliabilityBin(
        rows=len(came), predicted=predicted, observed=observed, interval=wilson(observed, len(came))
    )
