"""How a score grows with training rows, and what twice as many can be expected to bring.

The loss of most models falls with rows n like a power: a + b · n^-c. Three or four noisy points do not tell c well, so
no single curve is believed: what is expected is the mean over curves of many powers, each weighed by how near it comes
to the points. All of them go through the last point, which is of all rows and says most of what comes next.
Source: Hestness et al., Deep Learning Scaling is Predictable, Empirically, 2017 (powers); Viering and Loog, The Shape
of Learning Curves: a Review, 2021 (a power with an offset is among what extrapolates best).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from engine.evaluation.metrics import Floats, Metric
from engine.specs.evaluation import Interval
from engine.specs.learning import LearningCurve, LearningPoint

#: Powers that are tried, evenly in their logarithm.
_POWERS = np.geomspace(0.03, 2.0, 30)
#: Draws of the judging rows: 200 put 5 beyond each end of a 95 % interval. Where so few can tell the metric, none does.
_DRAWS, _FEWEST_DRAWS = 200, 100
#: Trainings on as many rows happen to differ by about the variance that `_noise` finds (1.2 times it in the middle of
#: 17 models on 8 sets). For the two trainings that a gain lies between it is added so often: then intervals drawn from
#: half of the rows and from smaller parts held the score of all rows in 63 of 68 trials.
_TRAINING_NOISE = 1.5
#: Places at which the curve is drawn.
_DRAWN = 25


def learning_curve(
    metric: Metric, y: Floats, answers: Mapping[int, Floats], *, family: str, seed: int
) -> LearningCurve | None:
    """Return the curve through the scores that `metric` gives, extrapolated to twice the rows.

    Every draw takes the same rows for all sizes, so that hard rows don't pass for an effect of size.
    Args:    answers: training rows → scores of the model trained on them; at least three.
    Shapes:  y (n,), each answer (n, outputs).
    None where too few draws can tell the metric, as with a class of one row.
    """
    sizes = sorted(answers)
    scores = [answers[size] for size in sizes]
    values = np.array([metric.value(y, one) for one in scores])
    drawn = _draw(metric, y, scores, seed)
    if len(drawn) < _FEWEST_DRAWS:
        return None
    sign = -1.0 if metric.greater_is_better else 1.0
    low, high = sorted((metric.best, metric.worst))
    fit = _Fit(np.array(sizes) / sizes[-1], noise=_noise(drawn))
    places = np.geomspace(sizes[0] / sizes[-1], 2.0, _DRAWN)
    line = np.clip(values[-1] + sign * fit.mean(sign * values, places), low, high)
    possible = np.clip(values[-1] + sign * fit.sample(sign * drawn, 2.0, seed), low, high)
    doubled = _point(2 * sizes[-1], line[-1], possible)
    gains = sorted(metric.gain(end, over=values[-1]) for end in (doubled.interval.low, doubled.interval.high))
    return LearningCurve(
        family=family,
        metric=metric.name,
        judged=len(y),
        points=tuple(map(_point, sizes, values, drawn.T)),
        line=tuple(zip((places * sizes[-1]).tolist(), line.tolist(), strict=True)),
        doubled=doubled,
        gain=float(metric.gain(doubled.score, over=values[-1])),
        gain_interval=Interval(low=float(gains[0]), high=float(gains[1])),
    )


def _point(rows: int, score: float, drawn: Floats) -> LearningPoint:
    """Return a point with the 95 % of `drawn` scores around it."""
    low, high = np.quantile(drawn, (0.025, 0.975))
    score = float(score)
    return LearningPoint(
        rows=rows, score=score, interval=Interval(low=min(float(low), score), high=max(float(high), score))
    )


def _draw(metric: Metric, y: Floats, scores: Sequence[Floats], seed: int) -> Floats:
    """Return the metric of each size on each draw of the rows (draws, sizes), without draws that cannot tell it."""
    rng = np.random.default_rng(seed)
    drawn = []
    for _ in range(_DRAWS):
        rows = rng.integers(0, len(y), len(y))
        values = [metric.formula(y[rows], one[rows]) for one in scores]
        if all(value is not None and np.isfinite(value) for value in values):
            drawn.append(values)
    return np.array(drawn, np.float64).reshape(-1, len(scores))


def _noise(drawn: Floats) -> float:
    """Return the variance of a point that it doesn't share with the next one.   drawn: (draws, sizes)."""
    return float(np.diff(drawn, axis=1).var(axis=0).mean() / 2)


class _Fit:
    """Curves a + b · share^-c of many powers c, all through the last of some points.

    shares: (sizes,) of all rows, ascending, the last 1.   noise: variance of a point.
    """

    def __init__(self, shares: Floats, *, noise: float) -> None:
        # What a curve of height b adds to the last point's loss, at every place.
        self._terms = shares[:, None] ** -_POWERS - 1.0
        self._noise = max(noise, 1e-18)  # answers that differ nowhere leave no noise to divide by

    def mean(self, losses: Floats, places: Floats) -> Floats:
        """Return by how much the expected loss at `places` (shares of all rows) is above that of all rows.

        Shapes: losses (sizes,), places and the answer (places,).
        """
        heights, weights = self._curves(losses[None, :])
        return np.asarray((places[:, None] ** -_POWERS - 1.0) @ (heights[0] * weights[0]), np.float64)

    def sample(self, losses: Floats, place: float, seed: int) -> Floats:
        """Return by how much the loss at `place` may be above that of all rows, once per draw.

        What trainings happen to learn is drawn anew too: those of the points, and the one to come.
        Shapes: losses (draws, sizes), the answer (draws,).
        """
        rng = np.random.default_rng(seed)
        heights, weights = self._curves(losses + rng.normal(0.0, np.sqrt(self._noise), losses.shape))
        powers = (np.cumsum(weights, axis=1) < rng.random((len(losses), 1))).sum(axis=1)
        powers = np.minimum(powers, len(_POWERS) - 1)
        chosen = heights[np.arange(len(losses)), powers]
        luck = rng.normal(0.0, np.sqrt(_TRAINING_NOISE * self._noise), len(losses))
        return np.asarray(chosen * (place ** -_POWERS[powers] - 1.0) + luck, np.float64)

    def _curves(self, losses: Floats) -> tuple[Floats, Floats]:
        """Return the height b of each power's curve and how far it is believed: both (draws, powers).

        losses: (draws, sizes). One that grows with rows is taken for one that stays.
        """
        above = losses - losses[:, -1:]
        heights = np.maximum(0.0, above @ self._terms / np.square(self._terms).sum(axis=0))
        missed = np.square(above[:, :, None] - heights[:, None, :] * self._terms).sum(axis=1)
        weights = np.exp(-(missed - missed.min(axis=1, keepdims=True)) / (2.0 * self._noise))
        return heights, weights / weights.sum(axis=1, keepdims=True)
