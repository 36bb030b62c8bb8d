"""The catalogue: directions, defaults, refusals and each documented value for rows that cannot define it."""

from __future__ import annotations

import numpy as np
import pytest

from engine.errors import BadCommand, BadData, WorkFailed
from engine.evaluation.metrics import default_metric, metric


def test_one_class_only_gives_the_documented_value() -> None:
    scores = np.array([[0.7, 0.3], [0.2, 0.8]])
    only_zero = np.zeros(2)
    assert metric("roc_auc").value(only_zero, scores) == 0.5
    assert metric("average_precision").value(only_zero, scores) == 0.0
    assert metric("mcc").value(only_zero, scores) == 0.0
    assert metric("balanced_accuracy").value(only_zero, scores) == 0.5


def test_regression_edges() -> None:
    constant = np.full(3, 5.0)
    assert metric("r2").value(constant, np.array([[5.0], [6.0], [4.0]])) == 0.0
    assert metric("mape").value(np.array([0.0, 10.0]), np.array([[9.0], [11.0]])) == pytest.approx(0.1)
    assert metric("mape").value(np.zeros(2), np.ones((2, 1))) == 0.0


def test_a_sure_error_stays_finite() -> None:
    assert metric("log_loss").value(np.array([1.0]), np.array([[1.0, 0.0]])) == pytest.approx(34.54, abs=0.01)


def test_no_rows_and_diverged_scores_are_refused() -> None:
    with pytest.raises(BadData, match="needs rows"):
        metric("rmse").value(np.zeros(0), np.zeros((0, 1)))
    with pytest.raises(WorkFailed, match="not all numbers"):
        metric("rmse").value(np.zeros(1), np.array([[np.nan]]))


def test_unknown_metric_lists_the_names() -> None:
    with pytest.raises(BadCommand, match="roc_auc"):
        metric("auc")


def test_defaults() -> None:
    names = [default_metric(task).name for task in ("binary", "multiclass", "regression")]
    assert names == ["roc_auc", "accuracy", "rmse"]


def test_is_better_and_gain_follow_the_direction() -> None:
    assert metric("roc_auc").is_better(0.9, 0.8) and not metric("rmse").is_better(0.9, 0.8)
    assert metric("roc_auc").gain(0.9, 0.8) == pytest.approx(0.1)
    assert metric("rmse").gain(0.9, 0.8) == pytest.approx(-0.1)
