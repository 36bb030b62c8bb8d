"""Probabilities are calibrated, and the solver is bounded by the clock."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest

from engine.evaluation.metrics import metric
from engine.families.base import Budget
from engine.families.bridges.support_vectors import fit_support_vectors
from tests.engine.made_rows import Rows, made_data

PARAMS = {"cost": 1.0, "reach": 1.0}


@pytest.mark.parametrize("has_valid", [True, False])
def test_probabilities_mean_what_they_say(has_valid: bool) -> None:
    whole = made_data("linear", "multiclass")
    none = Rows(whole.valid.arrays()[0][:0], np.zeros(0), {})
    data = whole if has_valid else replace(whole, valid=none)
    fitted = fit_support_vectors(PARAMS, data, Budget(60.0, time.monotonic), lambda *_: None)
    x, y = whole.valid.arrays()
    scores = fitted.predict(x)
    assert abs(scores.max(axis=1).mean() - (scores.argmax(axis=1) == y).mean()) < 0.1
    assert metric("log_loss").value(y, scores) < np.log(3)


def test_a_spent_budget_is_noted() -> None:
    data = made_data("linear", "regression")
    fitted = fit_support_vectors(PARAMS, data, Budget(0.0, time.monotonic), lambda *_: None)
    assert fitted.stopped == "time"


def test_a_class_with_one_row_is_calibrated_too() -> None:
    whole = made_data("linear", "multiclass", classes=(0, 2))
    x, y = whole.train.arrays()
    y[0] = 1.0
    data = replace(whole, train=Rows(x, y, {}), valid=Rows(x[:0], y[:0], {}))
    fitted = fit_support_vectors(PARAMS, data, Budget(60.0, time.monotonic), lambda *_: None)
    assert np.allclose(fitted.predict(x).sum(axis=1), 1.0)
