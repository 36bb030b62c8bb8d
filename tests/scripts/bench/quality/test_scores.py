"""The judge, against scikit-learn's figures."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics

from scripts.bench.quality.scores import score


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def test_roc_auc_is_scikit_learns_with_ties(rng: np.random.Generator) -> None:
    truth = rng.integers(0, 2, 500).astype(float)
    scores = np.round(0.3 * truth + rng.random(500), 1)
    answers = np.column_stack([1 - scores, scores])
    assert score("roc_auc", truth, answers) == pytest.approx(metrics.roc_auc_score(truth, scores), abs=1e-12)


def test_log_loss_is_scikit_learns(rng: np.random.Generator) -> None:
    truth = rng.integers(0, 4, 500).astype(float)
    answers = rng.dirichlet(np.ones(4), 500)
    expected = metrics.log_loss(truth, answers, labels=range(4))
    assert score("log_loss", truth, answers) == pytest.approx(expected, abs=1e-12)


def test_an_impossible_class_costs_much_but_not_everything() -> None:
    assert score("log_loss", np.array([1.0]), np.array([[1.0, 0.0]])) == pytest.approx(34.54, abs=0.01)


def test_rmse_is_scikit_learns(rng: np.random.Generator) -> None:
    truth, answers = rng.normal(size=100), rng.normal(size=(100, 1))
    expected = metrics.root_mean_squared_error(truth, answers[:, 0])
    assert score("rmse", truth, answers) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("answers", [[[1.0], [np.nan]], [[1.0], [np.inf]], [[1.0]]])
def test_what_is_missing_or_not_finite_is_not_judged(answers: list[list[float]]) -> None:
    with pytest.raises(ValueError, match="cannot be judged"):
        score("rmse", np.array([1.0, 2.0]), np.array(answers))
