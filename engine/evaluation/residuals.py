"""The errors of a regression: how large, how lopsided, and where."""

from __future__ import annotations

import numpy as np

from engine.evaluation.metrics import Floats
from engine.specs.evaluation import Residuals

QUANTILES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
ABSOLUTE_QUANTILES = (0.5, 0.8, 0.9, 0.95, 0.99)
BINS = 41
SAMPLE_ROWS = 400
RANKED_ROWS = 20_000


def residuals(y: Floats, scores: Floats, *, seed: int) -> Residuals:
    """Describe actual minus predicted.   Shapes: y (rows,), scores (rows, 1)."""
    predicted = scores[:, 0]
    errors = y - predicted
    std = float(errors.std())
    some = np.random.default_rng(seed).permutation(len(y))[:RANKED_ROWS]
    edges, counts = _histogram(errors)
    return Residuals(
        mean=float(errors.mean()),
        std=std,
        skewness=float(np.mean(((errors - errors.mean()) / std) ** 3)) if std > 0.0 else 0.0,
        spread_growth=_rank_correlation(np.abs(errors[some]), predicted[some]),
        quantiles=_quantiles(errors, QUANTILES),
        absolute_quantiles=_quantiles(np.abs(errors), ABSOLUTE_QUANTILES),
        histogram_edges=edges,
        histogram_counts=counts,
        sample=tuple((float(y[i]), float(predicted[i])) for i in np.sort(some[:SAMPLE_ROWS])),
        target_minimum=float(y.min()),
        target_maximum=float(y.max()),
    )


def _quantiles(values: Floats, shares: tuple[float, ...]) -> dict[str, float]:
    found = np.quantile(values, shares)
    return {f"{share:g}": float(value) for share, value in zip(shares, found, strict=True)}


def _histogram(errors: Floats) -> tuple[tuple[float, ...], tuple[int, ...]]:
    """Even bins, mirrored around 0 and an odd number, so that "nearly right" is one bin in the middle."""
    reach = float(np.max(np.abs(np.quantile(errors, (0.005, 0.995)))))
    reach = reach if reach > 0.0 else max(float(np.max(np.abs(errors))), 1.0)
    counts, edges = np.histogram(np.clip(errors, -reach, reach), bins=BINS, range=(-reach, reach))
    return tuple(edges.tolist()), tuple(counts.tolist())


def _rank_correlation(left: Floats, right: Floats) -> float:
    """Spearman's, ties in order of appearance; 0 where one side is constant."""
    if len(left) < 3 or np.ptp(left) == 0.0 or np.ptp(right) == 0.0:
        return 0.0
    ranks = [np.argsort(np.argsort(side, kind="stable"), kind="stable") for side in (left, right)]
    return float(np.corrcoef(ranks[0], ranks[1])[0, 1])
