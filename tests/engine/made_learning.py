"""Learning curves, for tests of what is said and drawn of them."""

from __future__ import annotations

from engine.specs.evaluation import Interval
from engine.specs.learning import LearningCurve, LearningPoint


def learning_curve(*, gain: float = 0.03, low: float = 0.02, high: float = 0.04) -> LearningCurve:
    """Return a curve that reaches a ROC AUC of 0.9 with 6,000 rows.   gain, low, high: of twice as many."""
    scores = {750: 0.78, 1500: 0.83, 3000: 0.87, 6000: 0.9}
    points = tuple(
        LearningPoint(rows=rows, score=score, interval=Interval(low=score - 0.02, high=score + 0.02))
        for rows, score in scores.items()
    )
    ends = Interval(low=0.9 + low, high=0.9 + high)
    return LearningCurve(
        family="lightgbm",
        metric="roc_auc",
        judged=1200,
        points=points,
        line=(*((float(rows), score) for rows, score in scores.items()), (12000.0, 0.9 + gain)),
        doubled=LearningPoint(rows=12_000, score=0.9 + gain, interval=ends),
        gain=gain,
        gain_interval=Interval(low=low, high=high),
    )
