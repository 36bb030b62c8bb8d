"""The catalogue: directions, defaults, refusals and each documented value for rows that cannot define it."""

from __future__ import annotations

import numpy as np
import pytest

from engine.errors import BadCommand, BadData, WorkFailed
from engine.evaluation.metrics import check_decider, default_metric, metric, metrics_for
from engine.specs.costs import Costs
from engine.specs.training import TaskSpec


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


def test_costs_are_a_metric_of_their_own() -> None:
    y = np.array([0.0, 0.0, 1.0, 1.0])
    scores = np.array([[0.4, 0.6], [0.9, 0.1], [0.7, 0.3], [0.2, 0.8]])
    cost = metric(Costs(false_positive=5.0, false_negative=2.0).metric)
    assert cost.value(y, scores) == pytest.approx((5.0 + 2.0) / 4)
    assert cost.is_better(0.1, 0.2) and cost.worst == 5.0
    assert cost.help == "Mean cost of a row: 5 for a false positive, 2 for a false negative."


def test_classes_without_an_order_are_not_measured_by_one() -> None:
    assert "quadratic_kappa" in {one.name for one in metrics_for("multiclass", ("3", "4", "5"))}
    assert "quadratic_kappa" not in {one.name for one in metrics_for("multiclass", ("cat", "dog", "5"))}


BINARY = TaskSpec(target="t", task="binary", metric="roc_auc", classes=("no", "yes"))
THREE = TaskSpec(target="t", task="multiclass", metric="log_loss", classes=("a", "b", "c"))


@pytest.mark.parametrize(
    ("name", "costs", "task", "says"),
    [
        ("rmse", None, BINARY, "'rmse' cannot judge the target 't'"),
        ("quadratic_kappa", None, THREE, "'quadratic_kappa' cannot judge"),
        ("f1", Costs(), BINARY, "Received both"),
        (None, Costs(), THREE, "two classes"),
        (None, Costs(false_positive=-1.0), BINARY, "'false_positive' cannot be used"),
    ],
)
def test_what_cannot_decide_is_refused(
    name: str | None, costs: Costs | None, task: TaskSpec, says: str
) -> None:
    with pytest.raises(BadCommand, match=says):
        check_decider(name, costs, task)
    check_decider(None, None, task)
