"""The penalty path stops where validation rows get worse, and at the clock."""

from __future__ import annotations

import time

from engine.families.base import Budget
from engine.families.bridges.linear_models import fit_linear
from tests.engine.made_rows import made_data

PARAMS = {"penalty": "l2", "strength": 0.0, "l1_share": 0.5}


def test_the_best_strength_of_the_path_is_kept() -> None:
    data = made_data("linear", "multiclass")
    fitted = fit_linear(PARAMS, data, Budget(60.0, time.monotonic), lambda *_: None, max_rows=10_000)
    best = min(fitted.curve, key=lambda point: point[2])
    assert fitted.notes["strength"] == best[0]


def test_a_spent_budget_keeps_the_first_strength() -> None:
    data = made_data("linear", "binary")
    fitted = fit_linear(PARAMS, data, Budget(0.0, time.monotonic), lambda *_: None, max_rows=10_000)
    assert fitted.stopped == "time"
    assert len(fitted.curve) == 1
