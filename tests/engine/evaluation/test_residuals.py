"""Residuals: direction, counts that add up, growing spread, and degenerate targets."""

from __future__ import annotations

import numpy as np
import pytest

from engine.evaluation.residuals import BINS, SAMPLE_ROWS, residuals


def test_residual_is_actual_minus_predicted() -> None:
    found = residuals(np.array([10.0, 12.0, 14.0]), np.array([[9.0], [11.0], [13.0]]), seed=0)
    assert found.mean == 1.0 and found.std == 0.0 and found.skewness == 0.0
    assert found.quantiles["0.5"] == 1.0 and found.absolute_quantiles["0.9"] == 1.0
    assert found.sample == ((10.0, 9.0), (12.0, 11.0), (14.0, 13.0))


def test_histogram_counts_every_row_and_is_centred() -> None:
    rng = np.random.default_rng(0)
    y = rng.normal(size=1000)
    y[0] = 1e9
    found = residuals(y, np.zeros((1000, 1)), seed=0)
    assert sum(found.histogram_counts) == 1000 and len(found.histogram_counts) == BINS
    assert found.histogram_edges[0] == pytest.approx(-found.histogram_edges[-1])
    assert found.histogram_edges[-1] < 10.0
    assert found.target_maximum == 1e9 and len(found.sample) == SAMPLE_ROWS


def test_spread_that_grows_with_the_answer_is_seen() -> None:
    rng = np.random.default_rng(1)
    predicted = rng.uniform(1, 100, 2000)
    growing = residuals(predicted * rng.lognormal(0, 0.3, 2000), predicted[:, None], seed=0)
    even = residuals(predicted + rng.normal(size=2000), predicted[:, None], seed=0)
    assert growing.spread_growth > 0.4 > 0.1 > abs(even.spread_growth)
    assert growing.skewness > 0.5 > abs(even.skewness)


def test_perfect_and_constant_answers_stay_finite() -> None:
    found = residuals(np.full(5, 3.0), np.full((5, 1), 3.0), seed=0)
    assert found.std == 0.0 and found.spread_growth == 0.0
    assert sum(found.histogram_counts) == 5 and found.histogram_counts[BINS // 2] == 5
