"""Calibration tells honest probabilities from boastful ones, and chance from fault."""

from __future__ import annotations

import numpy as np
import pytest

from engine.evaluation.calibration import ROWS_PER_BIN, calibration, wilson
from engine.evaluation.metrics import Floats


def two_columns(p: Floats) -> Floats:
    return np.column_stack((1.0 - p, p))


def test_honest_probabilities_show_no_more_than_chance() -> None:
    rng = np.random.default_rng(0)
    p = rng.random(4000)
    found = calibration((rng.random(4000) < p).astype(float), two_columns(p))
    assert found.of == "positive" and len(found.bins) == 10
    assert sum(b.rows for b in found.bins) == 4000
    assert found.expected_error < 2 * found.chance_error < 0.05


def test_boastful_probabilities_are_caught() -> None:
    rng = np.random.default_rng(1)
    p = rng.random(4000)
    y = (rng.random(4000) < p).astype(float)
    found = calibration(y, two_columns(np.where(p > 0.5, 0.99, 0.01)))
    assert found.expected_error == pytest.approx(0.24, abs=0.03)
    assert found.expected_error > 5 * found.chance_error


def test_more_classes_are_judged_by_the_predicted_one() -> None:
    scores = np.tile([0.7, 0.2, 0.1], (100, 1))
    y = np.repeat([0.0, 1.0], [70, 30])
    found = calibration(y, scores)
    assert found.of == "top"
    assert np.mean([b.observed for b in found.bins]) == pytest.approx(0.7)
    assert all(b.predicted == pytest.approx(0.7) for b in found.bins)


@pytest.mark.parametrize("rows", [1, 2, ROWS_PER_BIN, 3 * ROWS_PER_BIN])
def test_few_rows_make_few_bins(rows: int) -> None:
    found = calibration(np.zeros(rows), two_columns(np.full(rows, 0.5)))
    assert len(found.bins) == max(1, rows // ROWS_PER_BIN)


def test_wilson_at_the_edges() -> None:
    assert wilson(0.0, 10).low == 0.0 and wilson(0.0, 10).high == pytest.approx(0.2775, abs=1e-3)
    assert wilson(1.0, 10).high == pytest.approx(1.0)
    assert wilson(0.5, 100).low == pytest.approx(0.4038, abs=1e-3)
