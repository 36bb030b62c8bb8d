"""Probabilities are calibrated, and the solver is bounded by the clock."""

from __future__ import annotations

import time

import numpy as np

from engine.evaluation.metrics import metric
from engine.families.base import Budget
from engine.families.bridges.support_vectors import fit_support_vectors
from tests.engine.made_rows import made_data

PARAMS = {"cost": 1.0, "reach": 1.0}


def test_probabilities_mean_what_they_say() -> None:
    data = made_data("linear", "multiclass")
    fitted = fit_support_vectors(PARAMS, data, Budget(60.0, time.monotonic), lambda *_: None)
    x, y = data.valid.arrays()
    scores = fitted.predict(x)
    assert abs(scores.max(axis=1).mean() - (scores.argmax(axis=1) == y).mean()) < 0.1
    assert metric("log_loss").value(y, scores) < np.log(3)


def test_a_spent_budget_is_noted() -> None:
    data = made_data("linear", "regression")
    fitted = fit_support_vectors(PARAMS, data, Budget(0.0, time.monotonic), lambda *_: None)
    assert fitted.stopped == "time"
