"""Every formula against scikit-learn, ties and missing classes included."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn import metrics as oracle

from engine.evaluation import formulas
from engine.evaluation.metrics import METRICS, metrics_for

Oracle = Callable[[Any, Any], float]


def scores_with_ties(classes: int, rows: int = 500) -> tuple[Any, Any]:
    rng = np.random.default_rng(classes)
    y = rng.integers(0, classes, rows).astype(np.float64)
    raw = rng.random((rows, classes)) + (np.arange(classes) == y[:, None])
    raw = np.round(raw, 1) + 0.05
    return y, raw / raw.sum(axis=1, keepdims=True)


def precision_at_recall(y: Any, s: Any) -> float:
    precision, recall, _ = oracle.precision_recall_curve(y, s[:, 1])
    return float(precision[recall >= 0.8].max())


def symmetric_mape(y: Any, predicted: Any) -> float:
    """Scikit-learn has none: MAPE of the error against half of both sizes."""
    halved = (np.abs(y) + np.abs(predicted)) / 2.0
    return float(oracle.mean_absolute_percentage_error(halved, halved + (predicted - y)))


BINARY: dict[str, Oracle] = {
    "roc_auc": lambda y, s: oracle.roc_auc_score(y, s[:, 1]),
    "accuracy": lambda y, s: oracle.accuracy_score(y, s.argmax(1)),
    "balanced_accuracy": lambda y, s: oracle.balanced_accuracy_score(y, s.argmax(1)),
    "f1": lambda y, s: oracle.f1_score(y, s.argmax(1)),
    "mcc": lambda y, s: oracle.matthews_corrcoef(y, s.argmax(1)),
    "average_precision": lambda y, s: oracle.average_precision_score(y, s[:, 1]),
    "precision_at_recall": precision_at_recall,
    "log_loss": oracle.log_loss,
    "brier": lambda y, s: oracle.brier_score_loss(y, s[:, 1]),
}
MULTICLASS: dict[str, Oracle] = {
    "roc_auc": lambda y, s: oracle.roc_auc_score(y, s, multi_class="ovr", average="macro"),
    "accuracy": BINARY["accuracy"],
    "balanced_accuracy": BINARY["balanced_accuracy"],
    "f1": lambda y, s: oracle.f1_score(y, s.argmax(1), average="macro"),
    "mcc": BINARY["mcc"],
    "log_loss": oracle.log_loss,
    "brier": lambda y, s: oracle.brier_score_loss(y, s, scale_by_half=True),
    "quadratic_kappa": lambda y, s: oracle.cohen_kappa_score(y, s.argmax(1), weights="quadratic"),
}
REGRESSION: dict[str, Oracle] = {
    "rmse": oracle.root_mean_squared_error,
    "mae": oracle.mean_absolute_error,
    "median_absolute_error": oracle.median_absolute_error,
    "mape": oracle.mean_absolute_percentage_error,
    "smape": symmetric_mape,
    "rmsle": oracle.root_mean_squared_log_error,
    "r2": oracle.r2_score,
}


@pytest.mark.parametrize("name", BINARY)
def test_binary_equals_scikit_learn(name: str) -> None:
    y, scores = scores_with_ties(2)
    assert getattr(formulas, name)(y, scores) == pytest.approx(BINARY[name](y, scores), abs=1e-12)


@pytest.mark.parametrize("name", MULTICLASS)
def test_multiclass_equals_scikit_learn(name: str) -> None:
    y, scores = scores_with_ties(4)
    assert getattr(formulas, name)(y, scores) == pytest.approx(MULTICLASS[name](y, scores), abs=1e-12)


@pytest.mark.parametrize("name", REGRESSION)
def test_regression_equals_scikit_learn(name: str) -> None:
    rng = np.random.default_rng(7)
    y = np.abs(rng.normal(50.0, 20.0, 300)) + 20.0
    scores = (y + rng.normal(0.0, 5.0, 300))[:, None]
    assert getattr(formulas, name)(y, scores) == pytest.approx(REGRESSION[name](y, scores[:, 0]), rel=1e-12)


def test_every_metric_has_an_oracle() -> None:
    assert {m.name for m in METRICS} == {*BINARY, *MULTICLASS, *REGRESSION}
    assert {m.name for m in metrics_for("binary")} == set(BINARY)
    assert {m.name for m in metrics_for("multiclass")} == set(MULTICLASS)
    assert {m.name for m in metrics_for("regression")} == set(REGRESSION)


def test_ties_between_classes_go_to_the_first() -> None:
    assert formulas.predicted_classes(np.array([[0.5, 0.5], [0.4, 0.6]])).tolist() == [0, 1]
    assert formulas.predicted_classes(np.array([[0.2, 0.4, 0.4], [0.4, 0.4, 0.2]])).tolist() == [1, 0]


def test_confusion_counts_actual_by_predicted() -> None:
    y = np.array([0.0, 0.0, 1.0, 1.0, 1.0])
    scores = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4], [0.1, 0.9], [0.1, 0.9]])
    assert formulas.confusion_counts(y, scores).tolist() == [[1, 1], [1, 2]]


def test_a_class_missing_from_the_rows_is_left_out_of_the_mean() -> None:
    y, scores = scores_with_ties(3)
    kept = y != 2
    pairs = [oracle.roc_auc_score(y[kept] == c, scores[kept, c]) for c in (0, 1)]
    assert formulas.roc_auc(y[kept], scores[kept]) == pytest.approx(np.mean(pairs), abs=1e-12)


def test_errors_of_nothing_are_defined_where_the_actual_value_is_0() -> None:
    y, scores = np.array([0.0, 0.0, 4.0]), np.array([[0.0], [3.0], [4.0]])
    assert formulas.smape(y, scores) == pytest.approx(2.0 / 3.0)
    assert formulas.mape(y, scores) == 0.0
    assert formulas.mape(y[:2], scores[:2]) is None


def test_logarithms_leave_out_what_is_below_0_and_take_answers_below_0_as_0() -> None:
    y, scores = np.array([-5.0, 0.0, 7.0]), np.array([[9.0], [-3.0], [7.0]])
    assert formulas.rmsle(y, scores) == 0.0
    assert formulas.rmsle(y[:1], scores[:1]) is None


def test_precision_at_recall_takes_ties_whole() -> None:
    y = np.array([1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0])
    positive = np.array([0.9, 0.9, 0.8, 0.5, 0.01, 0.5, 0.95, 0.05])
    # Four of five are found from 0.5 on, together with two false alarms.
    scores = np.column_stack((1.0 - positive, positive))
    assert formulas.precision_at_recall(y, scores) == pytest.approx(4.0 / 6.0)
    assert formulas.precision_at_recall(np.zeros(8), scores) is None
