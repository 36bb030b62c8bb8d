"""scikit-learn's trees answer the same from ONNX on thresholds and on missing values; forests obey the clock."""

from __future__ import annotations

import time

import numpy as np
import pytest

from engine.families.base import Budget
from engine.families.bridges.sklearn_trees import fit_forest, fit_tree
from tests.engine.made_rows import by_onnx, made_data

PARAMS = {"trees": 12, "rows_per_leaf": 2, "depth": 0, "columns": "half"}


@pytest.mark.parametrize("has_missing", [True, False])
@pytest.mark.parametrize("random_cuts", [True, False])
def test_features_on_and_beside_thresholds_are_decided_as_natively(
    has_missing: bool, random_cuts: bool
) -> None:
    data = made_data("tree" if has_missing else "linear", "binary")
    budget = Budget(60.0, time.monotonic)
    fitted = fit_forest(PARAMS, data, budget, lambda *_: None, max_rows=10_000, random_cuts=random_cuts)
    x, _ = data.train.arrays()
    middle = ((np.sort(x, axis=0)[1:].astype(np.float64) + np.sort(x, axis=0)[:-1]) / 2).astype(np.float32)
    asked = np.concatenate([middle, np.nextafter(middle, -np.inf), np.nextafter(middle, np.inf)])
    asked = np.concatenate([asked, np.full((1, 5), np.nan), np.full((1, 5), 3e38)]).astype(np.float32)
    assert np.abs(fitted.predict(asked) - by_onnx(fitted.to_onnx(), asked)).max() < 1e-5


def test_a_spent_budget_keeps_the_first_slice() -> None:
    data = made_data("tree", "regression")
    fitted = fit_forest(
        PARAMS, data, Budget(0.0, time.monotonic), lambda *_: None, max_rows=10_000, random_cuts=False
    )
    assert (fitted.stopped, fitted.notes["trees"]) == ("time", 1)


def test_only_a_sample_is_read() -> None:
    data = made_data("tree", "regression")
    data.train.x = np.tile(data.train.x, (5, 1))  # type: ignore[attr-defined]
    data.train.y = np.tile(data.train.y, 5)  # type: ignore[attr-defined]
    fitted = fit_tree(PARAMS, data, Budget(9.0, time.monotonic), lambda *_: None, max_rows=1_500)
    assert fitted.rows == 1_500


@pytest.mark.parametrize("random_cuts", [True, False])
def test_no_class_is_impossible_and_ranks_stay(random_cuts: bool) -> None:
    """Leaves of one row all say "never" of a class now and then; the forest as a whole does not."""
    data = made_data("tree", "multiclass")
    sharp = PARAMS | {"rows_per_leaf": 1}
    fitted = fit_forest(
        sharp, data, Budget(60.0, time.monotonic), lambda *_: None, max_rows=10_000, random_cuts=random_cuts
    )
    x, y = data.train.arrays()
    scores = fitted.predict(x)
    assert scores.min() > 0.0
    np.testing.assert_allclose(scores.sum(axis=1), 1.0)
    shares = np.bincount(y.astype(int)) / len(y)
    trees = PARAMS["trees"]
    counted = (scores * (trees + 1) - shares) / trees
    assert counted.min() == pytest.approx(0.0, abs=1e-9), "without its share of guessing some class would be"
