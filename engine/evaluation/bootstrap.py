"""How sure a figure is: 95 % intervals by drawing the test rows again and again.

Source: Efron and Tibshirani, An Introduction to the Bootstrap, 1993 (percentile interval); Bickel, Götze and
van Zwet, Statistica Sinica 7, 1997 (m out of n, for test sets too large to draw whole).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from engine.evaluation.metrics import Floats, Metric
from engine.specs.evaluation import Comparison, Interval

Rows = npt.NDArray[np.int64]

#: Fewest and most draws: 200 put 5 beyond each end of a 95 % interval.
FEWEST_DRAWS, MOST_DRAWS = 200, 1000
#: Rows per draw, scores per draw and scores in all draws: a report's intervals take about two seconds.
FEWEST_ROWS_DRAWN, SCORES_PER_DRAW, SCORES_IN_ALL = 2_000, 10_000, 2_500_000


def metric_intervals(
    metrics: Sequence[Metric], y: Floats, scores: Floats, *, seed: int, quick: bool = False
) -> tuple[Interval | None, ...]:
    """Return the interval of each metric, in the order of `metrics`.

    Args:    quick: fewer draws, for one of many intervals.
    Shapes:  y (rows,), scores (rows, outputs). None where too few draws can tell the metric, as with a class
             of one row.
    """
    # Sorted by score, each draw (made ascending) is sorted too, and ranking metrics need not sort it again.
    order = np.argsort(scores[:, -1], kind="stable")
    y, scores = y[order], scores[order]
    whole = [metric.value(y, scores) for metric in metrics]

    def compute(rows: Rows) -> list[float | None]:
        drawn_y, drawn_scores = y[rows], scores[rows]
        return [metric.formula(drawn_y, drawn_scores) for metric in metrics]

    intervals = _intervals(compute, whole, rows=len(y), outputs=scores.shape[1], seed=seed, quick=quick)
    return tuple(_within(interval, metric) for interval, metric in zip(intervals, metrics, strict=True))


def compare(
    metric: Metric, y: Floats, scores: Floats, other_scores: Floats, *, other: str, seed: int
) -> Comparison:
    """Return how much better `scores` is than `other_scores`, both drawn on the same rows.

    Args:    other: "baseline" or "linear".
    Source:  a paired draw cancels what hard rows do to both (Efron and Tibshirani, ch. 8).
    """

    def compute(rows: Rows) -> list[float | None]:
        ours, theirs = metric.formula(y[rows], scores[rows]), metric.formula(y[rows], other_scores[rows])
        return [None if ours is None or theirs is None else metric.gain(ours, theirs)]

    gain = metric.gain(metric.value(y, scores), metric.value(y, other_scores))
    (interval,) = _intervals(compute, [gain], rows=len(y), outputs=2 * scores.shape[1], seed=seed)
    return Comparison(other="linear" if other == "linear" else "baseline", gain=gain, interval=interval)


def _intervals(
    compute: Callable[[Rows], list[float | None]],
    whole: Sequence[float],
    *,
    rows: int,
    outputs: int,
    seed: int,
    quick: bool = False,
) -> list[Interval | None]:
    rng = np.random.default_rng(seed)
    drawn = min(rows, max(FEWEST_ROWS_DRAWN, (0 if quick else SCORES_PER_DRAW) // outputs))
    draws = int(
        np.clip(SCORES_IN_ALL // (drawn * outputs), FEWEST_DRAWS, FEWEST_DRAWS if quick else MOST_DRAWS)
    )
    base = np.arange(rows) if drawn == rows else np.sort(rng.choice(rows, drawn, replace=False))
    centre = whole if drawn == rows else compute(base)
    table = np.array(
        [
            [np.nan if value is None else value for value in compute(np.repeat(base, counts))]
            for counts in rng.multinomial(drawn, np.full(drawn, 1.0 / drawn), size=draws)
        ]
    )
    shrink = float(np.sqrt(drawn / rows))
    return [
        None if middle is None else _percentiles(table[:, i] - middle, around=whole[i], shrink=shrink)
        for i, middle in enumerate(centre)
    ]


def _percentiles(deviations: Floats, *, around: float, shrink: float) -> Interval | None:
    known = deviations[np.isfinite(deviations)]
    if len(known) < FEWEST_DRAWS // 2:
        return None
    low, high = np.quantile(known, (0.025, 0.975)) * shrink + around
    return Interval(low=float(low), high=float(high))


def _within(interval: Interval | None, metric: Metric) -> Interval | None:
    """Keep a shrunk interval inside the metric's range."""
    if interval is None:
        return None
    low, high = sorted((metric.best, metric.worst))
    return Interval(low=max(low, interval.low), high=min(high, interval.high))
