"""Probabilities that say too much or too little are mended on rows that judge, and left alone where they are right."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.evaluation.formulas import log_loss
from engine.evaluation.metrics import Floats
from engine.evaluation.temperature import choose_temperature, tempered
from engine.specs.training import TaskSpec

CLASSES = ("a", "b", "c")
TASK = TaskSpec(target="t", task="multiclass", metric="log_loss", classes=CLASSES)


def true_and_told(rows: int, sharper: float, seed: int = 0) -> tuple[Floats, Floats]:
    """Draw classes from known probabilities; tell these raised to the power of `sharper`."""
    rng = np.random.default_rng(seed)
    truth = rng.dirichlet(np.ones(len(CLASSES)), rows)
    y = np.array([rng.choice(len(CLASSES), p=row) for row in truth], np.float64)
    told = truth**sharper
    return y, told / told.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("sharper", [0.5, 2.0])
def test_the_temperature_undoes_what_made_them_bolder_or_tamer(sharper: float) -> None:
    y, told = true_and_told(4_000, sharper)
    found = choose_temperature(TASK, y, told)
    assert found == pytest.approx(sharper, rel=0.1)
    fresh_y, fresh = true_and_told(4_000, sharper, seed=1)
    assert log_loss(fresh_y, tempered(fresh, found)) < log_loss(fresh_y, fresh)


def test_what_is_right_stays_as_it_is() -> None:
    kept = [choose_temperature(TASK, *true_and_told(1_000, 1.0, seed)) for seed in range(10)]
    assert kept.count(None) >= 8


def test_few_rows_and_numbers_have_none() -> None:
    y, told = true_and_told(60, 3.0)
    assert choose_temperature(TASK, y, told) is None
    numbers = TaskSpec(target="t", task="regression", metric="rmse")
    assert choose_temperature(numbers, np.arange(500.0), np.ones((500, 1))) is None


def test_the_value_is_one_that_float32_holds() -> None:
    found = choose_temperature(TASK, *true_and_told(2_000, 2.0))
    assert found is not None and found == float(np.float32(found))


@given(st.integers(0, 2**32 - 1), st.floats(0.25, 4.0))
def test_the_order_within_a_row_stays(seed: int, temperature: float) -> None:
    scores = np.random.default_rng(seed).dirichlet(np.ones(4), 20)
    bent = tempered(scores, temperature)
    np.testing.assert_allclose(bent.sum(axis=1), 1.0)
    assert (bent.argmax(axis=1) == scores.argmax(axis=1)).all()


def test_impossible_classes_stay_finite() -> None:
    bent = tempered(np.array([[1.0, 0.0], [0.0, 1.0]]), 2.0)
    assert np.isfinite(bent).all() and bent[0, 0] > 0.99 and log_loss(np.array([1.0, 0.0]), bent) < 10.0
    assert tempered(bent, None) is bent
