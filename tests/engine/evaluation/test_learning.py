"""The curve finds the power it was made of, stays where nothing grows, and its intervals hold what they promise."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from engine.evaluation.learning import learning_curve
from engine.evaluation.metrics import Floats, metric
from engine.specs.learning import LearningCurve

SIZES = (500, 1000, 2000, 4000)
RMSE = metric("rmse")


def drawn(errors: Mapping[int, float], rows: int = 400) -> LearningCurve | None:
    """Return the curve of a regression that is always off by `errors`, up or down."""
    y = np.linspace(0.0, 1.0, rows)
    sides = np.where(np.arange(rows) % 2, 1.0, -1.0)
    answers = {size: (y + sides * error)[:, None] for size, error in errors.items()}
    return learning_curve(RMSE, y, answers, family="lightgbm", seed=0)


@pytest.mark.parametrize("power", [0.25, 0.5, 1.0])
def test_a_power_is_continued(power: float) -> None:
    found = drawn({size: 2.0 + 50.0 * size**-power for size in SIZES})
    assert found is not None
    gain = 50.0 * (4000.0**-power - 8000.0**-power)
    assert found.gain == pytest.approx(gain, rel=0.1)
    assert found.doubled.rows == 8000 and found.doubled.score == pytest.approx(found.whole.score - found.gain)
    assert [point.rows for point in found.points] == list(SIZES)
    assert found.line[0] == (500.0, pytest.approx(found.points[0].score, rel=0.02))
    assert found.line[-1] == (8000.0, found.doubled.score)


def test_what_does_not_grow_gains_nothing() -> None:
    for errors in (dict.fromkeys(SIZES, 3.0), {size: 2.0 + size / 4000 for size in SIZES}):
        found = drawn(errors)
        assert found is not None
        assert found.gain == 0.0
        assert (found.gain_interval.low, found.gain_interval.high) == pytest.approx((0.0, 0.0), abs=1e-6)


def _ranked(strength: float, y: Floats, rng: np.random.Generator) -> Floats:
    p = 1.0 / (1.0 + np.exp(-(strength * (2.0 * y - 1.0) + rng.normal(0.0, 1.0, len(y)))))
    return np.column_stack((1.0 - p, p))


def test_intervals_hold_the_score_of_twice_the_rows_where_more_is_better() -> None:
    held, gains = 0, []
    for seed in range(12):
        rng = np.random.default_rng(seed)
        y = rng.integers(0, 2, 600).astype(float)
        strength = {size: 1.2 - 8.0 * size**-0.5 for size in (*SIZES, 8000)}
        answers = {size: _ranked(one, y, rng) for size, one in strength.items()}
        auc = metric("roc_auc")
        twice = auc.value(y, answers.pop(8000))
        found = learning_curve(auc, y, answers, family="lightgbm", seed=0)
        assert found is not None and 0.5 < found.whole.score < found.doubled.score <= 1.0
        assert all(one.interval.low < one.score < one.interval.high for one in found.points)
        assert found.gain_interval.low < found.gain < found.gain_interval.high
        held += found.doubled.interval.low <= twice <= found.doubled.interval.high
        gains.append(found.gain)
    assert held >= 10, "of 12"
    assert 0.003 < float(np.mean(gains)) < 0.03


def test_rows_of_one_class_tell_nothing() -> None:
    y = np.ones(50)
    answers = {size: np.full((50, 2), 0.5) for size in SIZES}
    assert learning_curve(metric("roc_auc"), y, answers, family="lightgbm", seed=0) is None
