"""LightGBM's trees are read exactly, its loop obeys the clock, and its rounds are cut at the best one."""

from __future__ import annotations

import time
from typing import Any

import lightgbm
import numpy as np
import pytest

from engine.families.base import Budget
from engine.families.bridges.boosting import fit_boosting, read_trees
from engine.families.lightgbm import FAMILY
from engine.specs.params import complete
from tests.engine.made_rows import by_onnx, made_data


def params(**given: Any) -> dict[str, Any]:
    return complete(FAMILY.params, {"rounds": 40, **given}, "lightgbm")


@pytest.mark.parametrize("has_missing", [True, False])
def test_features_on_and_beside_thresholds_are_decided_as_natively(has_missing: bool) -> None:
    data = made_data("tree" if has_missing else "linear", "regression")
    fitted = fit_boosting(params(), data, Budget(30.0, time.monotonic), lambda *_: None, max_rows=10_000)
    x, _ = data.train.arrays()
    # Thresholds lie halfway between training values: those values and their neighbours are the near misses.
    middle = ((np.sort(x, axis=0)[1:].astype(np.float64) + np.sort(x, axis=0)[:-1]) / 2).astype(np.float32)
    asked = np.concatenate([middle, np.nextafter(middle, -np.inf), np.nextafter(middle, np.inf)])
    asked = np.concatenate([asked, np.full((1, 5), np.nan), np.zeros((1, 5)), np.full((1, 5), -3e38)])
    asked = asked.astype(np.float32)
    spread = data.train.arrays()[1].std()
    assert np.abs(fitted.predict(asked) - by_onnx(fitted.to_onnx(), asked)).max() / spread < 1e-5


def test_the_trees_hold_every_leaf() -> None:
    x = np.arange(100, dtype=np.float64)[:, None]
    booster = lightgbm.train(
        {"objective": "regression", "verbosity": -1, "min_data_in_leaf": 5},
        lightgbm.Dataset(x, label=x[:, 0] ** 2),
        num_boost_round=3,
    )
    trees = read_trees(booster, 3, 1)
    leaves = [int((tree.left < 0).sum()) for tree in trees]
    assert leaves == [info["num_leaves"] for info in booster.dump_model()["tree_info"]]
    assert all(((tree.left < 0) == (tree.right < 0)).all() for tree in trees)


def test_patience_stops_it_and_the_best_round_is_kept() -> None:
    data = made_data("tree", "binary")
    fitted = fit_boosting(
        params(rounds=2000, learning_rate=0.3, patience=10),
        data,
        Budget(60.0, time.monotonic),
        lambda *_: None,
        max_rows=10_000,
    )
    assert fitted.stopped == "early"
    assert fitted.notes["rounds"] < 200


def test_a_spent_budget_keeps_one_round() -> None:
    data = made_data("tree", "binary")
    fitted = fit_boosting(params(), data, Budget(0.0, time.monotonic), lambda *_: None, max_rows=10_000)
    assert (fitted.stopped, fitted.notes["rounds"]) == ("time", 1)
