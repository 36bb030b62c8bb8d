"""How a model's figure holds on pictures that are blurred, noisy, dark or squeezed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from engine.evaluation.metrics import Metric
from engine.evaluation.strains import STRAINS
from engine.families.base import Budget
from engine.report.picture_rows import Asker, Doubles, Pixels
from engine.specs.picture_findings import Robustness, StrainScore

#: With fewer pictures a share is known to ±10 points at best.
FEWEST_PICTURES = 30
#: The strengths in the order of what they tell: the middle one first.
_ORDER = (1, 2, 0)


def strain(
    asker: Asker,
    pictures: Sequence[Pixels],
    y: Doubles,
    metric: Metric,
    *,
    budget: Budget,
    seed: int,
    told: Callable[[float], None],
) -> Robustness | None:
    """Ask about the same pictures changed in each way; None where even the first did not fit the budget.

    Every way is asked in its middle strength before any is in another.   Shapes: y (pictures,).
    Source: Hendrycks & Dietterich, ICLR 2019; see `engine.evaluation.strains`.
    """
    if len(pictures) < FEWEST_PICTURES or budget.left_s <= 0.0:
        return None
    clean = metric.value(y, asker.each(pictures))
    scores: dict[str, list[float | None]] = {one.kind: [None] * len(_ORDER) for one in STRAINS}
    jobs = [(one, level) for level in _ORDER for one in STRAINS]
    for done, (one, level) in enumerate(jobs):
        if budget.is_spent:
            break
        told(done / len(jobs))
        rng = np.random.default_rng(seed)
        changed = [one.apply(pixels, one.strengths[level], rng) for pixels in pictures]
        scores[one.kind][level] = metric.value(y, asker.each(changed))
    if scores[STRAINS[0].kind][_ORDER[0]] is None:
        return None
    return Robustness(
        metric=metric.name,
        title=metric.title,
        rows=len(pictures),
        clean=clean,
        strains=tuple(
            StrainScore(kind=one.kind, title=one.title, help=one.help, scores=tuple(scores[one.kind]))
            for one in STRAINS
        ),
    )
