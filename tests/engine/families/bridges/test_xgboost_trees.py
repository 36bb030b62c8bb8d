"""XGBoost's trees are read exactly, its loop obeys the clock, and its rounds are cut at the best one."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest

from engine.families.base import Budget
from engine.families.bridges.xgboost_trees import fit_xgboost
from engine.families.fitted import FittedModel
from engine.families.xgboost import FAMILY
from engine.specs.params import complete
from engine.specs.schema import Task
from tests.engine.made_rows import by_onnx, difference, made_data


def fit(task: Task, view: str = "tree", seconds: float = 30.0, **given: Any) -> FittedModel:
    params = complete(FAMILY.params, {"rounds": 40, **given}, "xgboost")
    budget = Budget(seconds, time.monotonic)
    return fit_xgboost(params, made_data(view, task), budget, lambda *_: None, max_rows=10_000)


@pytest.mark.parametrize("view", ["tree", "linear"])
def test_features_on_and_beside_cuts_are_decided_as_natively(view: str) -> None:
    data = made_data(view, "regression")
    fitted = fit("regression", view)
    # XGBoost's cuts are training values: those and their neighbours are the near misses.
    x = data.train.arrays()[0]
    asked = np.concatenate([x, np.nextafter(x, np.float32(-np.inf)), np.nextafter(x, np.float32(np.inf))])
    more = [np.full((1, 5), np.nan), np.zeros((1, 5)), np.full((1, 5), -3e38), np.full((1, 5), 3e38)]
    asked = np.concatenate([asked, *more]).astype(np.float32)
    assert difference(data, fitted.predict(asked), by_onnx(fitted.to_onnx(), asked)) < 1e-5


def test_one_round_starts_at_the_shares_of_the_classes() -> None:
    data = made_data("tree", "multiclass")
    fitted = fit("multiclass", rounds=1, learning_rate=0.005)
    shares = np.bincount(data.train.arrays()[1].astype(int)) / data.train.rows
    assert np.abs(fitted.predict(data.valid.arrays()[0]).mean(axis=0) - shares).max() < 0.02


def test_patience_stops_it_and_the_best_round_is_kept() -> None:
    fitted = fit("binary", rounds=2000, learning_rate=0.3, patience=10)
    assert fitted.stopped == "early"
    assert fitted.notes["rounds"] < 200
    best = min(fitted.curve, key=lambda point: point[2])
    assert abs(best[0] - fitted.notes["rounds"]) <= 10


def test_a_spent_budget_keeps_one_round() -> None:
    fitted = fit("binary", seconds=0.0)
    assert (fitted.stopped, fitted.notes["rounds"]) == ("time", 1)
