"""Bins follow the quantiles, few values have an edge each, and constant columns have none."""

from __future__ import annotations

import numpy as np
import pytest

from engine.families.base import Floats
from engine.families.bridges.number_bins import NumberBins, fit_bins


def edges(bins: NumberBins, row: int) -> Floats:
    used = bins.factor[row] > 0
    low, wide = bins.low[row][used], 1.0 / bins.factor[row][used]
    return np.append(low, low[-1] + wide[-1])


def test_edges_are_quantiles() -> None:
    x = np.arange(1_001, dtype=np.float32)[:, None]
    assert edges(fit_bins(x, [0], 4), 0) == pytest.approx([0.0, 250.0, 500.0, 750.0, 1000.0])


def test_few_values_are_edges_themselves() -> None:
    x = np.array([[0.0], [5.0], [5.0], [7.0]], np.float32)
    assert edges(fit_bins(x, [0], 16), 0) == pytest.approx([0.0, 5.0, 7.0])


def test_columns_of_two_values_have_none() -> None:
    x = np.column_stack((np.ones(9), np.arange(9) % 2, np.arange(9))).astype(np.float32)
    found = fit_bins(x, [0, 1, 2], 4)
    assert found.columns == (2,)
    assert found.low.shape == found.factor.shape == (1, found.bins)


def test_no_columns_are_no_bins() -> None:
    none = fit_bins(np.ones((5, 2), np.float32), [], 4)
    assert (none.columns, none.bins) == ((), 0)


def test_a_heap_of_equal_values_and_near_ones_keep_factors_bounded() -> None:
    rng = np.random.default_rng(0)
    x = np.concatenate((np.zeros(900), 1e-9 * rng.random(50), rng.random(50) * 100)).astype(np.float32)
    found = fit_bins(x[:, None], [0], 32)
    assert np.isfinite(found.factor).all()
    assert found.factor.max() <= 1e4
