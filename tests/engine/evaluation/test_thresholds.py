"""A threshold is the best one for the metric on the rows it is chosen on, and every row is named by it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn import metrics as oracle

from engine.evaluation import thresholds
from engine.evaluation.metrics import METRICS, metric
from engine.specs.training import TaskSpec

COST = "cost:5:1"
WITH = [m.name for m in METRICS if m.of_cells is not None] + [COST]
CLASSES = ("bad", "good")


def task_of(name: str) -> TaskSpec:
    return TaskSpec(target="risk", task="binary", metric=name, classes=CLASSES)


def some_rows(seed: int, rows: int = 400, positives: float = 0.3, decimals: int = 2) -> tuple[Any, Any]:
    rng = np.random.default_rng(seed)
    y = (rng.random(rows) < positives).astype(np.float64)
    p = np.round(1.0 / (1.0 + np.exp(-(rng.normal(0.0, 1.0, rows) + 1.5 * y - 1.5))), decimals)
    return y, np.column_stack((1.0 - p, p))


@pytest.mark.parametrize("name", WITH)
def test_all_thresholds_at_once_equal_one_at_a_time(name: str) -> None:
    y, scores = some_rows(1)
    deciding = metric(name)
    grid = np.array([0.0, 0.1, 0.25, 0.5, 0.77, 1.0])
    one_by_one = [deciding.value(y, thresholds.named(scores, t)) for t in grid]
    at_once = [value for _, value in thresholds.curve(deciding, y, scores[:, 1], grid)]
    assert at_once == pytest.approx(one_by_one, abs=1e-12)


@pytest.mark.parametrize("name", WITH)
def test_models_are_judged_at_their_own_best_threshold(name: str) -> None:
    y, scores = some_rows(2)
    deciding, judging = metric(name), thresholds.judge(task_of(name))
    tried = [deciding.value(y, thresholds.named(scores, t)) for t in [0.0, *np.unique(scores[:, 1])]]
    best = max(tried) if deciding.greater_is_better else min(tried)
    assert judging.value(y, scores) == pytest.approx(best, abs=1e-12)


@pytest.mark.parametrize("name", ["roc_auc", "log_loss", "accuracy", "average_precision"])
def test_other_metrics_leave_half_in_its_place(name: str) -> None:
    y, scores = some_rows(3)
    assert thresholds.choose_threshold(task_of(name), y, scores) is None
    assert thresholds.judge(task_of(name)) is metric(name)


def test_several_classes_have_no_threshold() -> None:
    task = TaskSpec(target="x", task="multiclass", metric="f1", classes=("a", "b", "c"))
    y = np.array([0.0, 1.0, 2.0])
    assert thresholds.choose_threshold(task, y, np.eye(3)) is None
    assert thresholds.judge(task) is metric("f1")


@pytest.mark.parametrize("name", WITH)
def test_what_was_chosen_says_what_it_reaches_and_is_better_than_half(name: str) -> None:
    y, scores = some_rows(4, rows=4000)
    deciding = metric(name)
    found = thresholds.choose_threshold(task_of(name), y, scores)
    assert found is not None and found.metric == name
    assert found.value == float(np.float32(found.value)) and 0.0 <= found.value < 1.0
    named = thresholds.named(scores, found.value)
    assert found.score == pytest.approx(deciding.value(y, named), abs=1e-12)
    assert deciding.is_better(found.score, deciding.value(y, scores))
    assert [t for t, _ in found.curve] == sorted({t for t, _ in found.curve})


def test_calibrated_answers_get_the_threshold_that_theory_says() -> None:
    rng = np.random.default_rng(5)
    p = rng.random(40_000)
    y = (rng.random(40_000) < p).astype(np.float64)
    found = thresholds.choose_threshold(task_of(COST), y, np.column_stack((1.0 - p, p)))
    # Elkan 2001: cost of a false positive over the sum of both.
    assert found is not None and found.value == pytest.approx(5.0 / 6.0, abs=0.03)


def test_named_rows_count_for_scikit_learn_too() -> None:
    y, scores = some_rows(6)
    named = thresholds.named(scores, 0.3)
    assert metric("f1").value(y, named) == pytest.approx(oracle.f1_score(y, scores[:, 1] > 0.3))
    assert thresholds.at(metric("f1"), 0.3).value(y, scores) == metric("f1").value(y, named)
    assert thresholds.at(metric("roc_auc"), 0.3) is metric("roc_auc")
    assert thresholds.named(scores, None) is scores


def test_centred_scores_name_the_same_class_in_the_same_order() -> None:
    _, scores = some_rows(8)
    centred = thresholds.centred(scores, 0.3)
    np.testing.assert_array_equal(centred.argmax(axis=1), scores[:, 1] > 0.3)
    np.testing.assert_array_equal(
        np.argsort(centred[:, 1], kind="stable"), np.argsort(scores[:, 1], kind="stable")
    )
    assert thresholds.centred(scores, None) is scores


@pytest.mark.parametrize("all_of", [0.0, 1.0])
@pytest.mark.parametrize("name", WITH)
def test_one_class_alone_is_no_trouble(name: str, all_of: float) -> None:
    _, scores = some_rows(7, rows=40)
    found = thresholds.choose_threshold(task_of(name), np.full(40, all_of), scores)
    assert found is not None and np.isfinite(found.score)


def test_nothing_is_called_positive_without_any_probability() -> None:
    y = np.array([1.0, 1.0, 1.0, 0.0])
    scores = np.column_stack((np.ones(4), np.zeros(4)))
    assert thresholds.judge(task_of("f1")).value(y, scores) == 0.0
