"""The whole evaluation per task: parts that fit are there, others are not, and JSON holds it all."""

from __future__ import annotations

import dataclasses
import functools
import json

import numpy as np
import pytest

from engine.errors import BadData
from engine.evaluation.evaluate import evaluate
from engine.evaluation.margins import fit_margins
from engine.evaluation.metrics import Floats, metric, metrics_for
from engine.evaluation.thresholds import choose_threshold
from engine.specs.codec import from_json, to_json
from engine.specs.evaluation import Evaluation
from engine.specs.training import TaskSpec

pytestmark = pytest.mark.slow


BINARY = TaskSpec(target="t", task="binary", metric="roc_auc", classes=("no", "yes"))
THREE = TaskSpec(target="t", task="multiclass", metric="f1", classes=("a", "b", "c"))
VALUE = TaskSpec(target="t", task="regression", metric="mae")


def rows_of(task: TaskSpec, rows: int = 300) -> tuple[Floats, Floats, Floats]:
    rng = np.random.default_rng(len(task.classes))
    if not task.classes:
        y = rng.normal(size=rows)
        return y, (y + rng.normal(0, 0.3, rows))[:, None], np.zeros((rows, 1))
    y = rng.integers(0, len(task.classes), rows).astype(float)
    raw = rng.random((rows, len(task.classes))) + 0.5 * (np.arange(len(task.classes)) == y[:, None])
    return y, raw / raw.sum(1, keepdims=True), np.full(raw.shape, 1.0 / raw.shape[1])


@functools.cache
def evaluated(task: TaskSpec) -> Evaluation:
    y, scores, baseline = rows_of(task)
    group = np.array(["left", "right"] * (len(y) // 2), dtype=object)
    three = {"chosen": scores, "baseline": baseline, "linear": baseline}
    return evaluate(task, y, three, slices={"side": group}, seed=1)


@pytest.mark.parametrize("task", [BINARY, THREE, VALUE], ids=lambda t: t.task)
def test_survives_json_and_names_every_metric(task: TaskSpec) -> None:
    found = evaluated(task)
    text = json.dumps(to_json(found), allow_nan=False)
    assert from_json(Evaluation, json.loads(text)) == found
    assert {s.name for s in found.scores} == {m.name for m in metrics_for(task.task, task.classes)}
    assert found.deciding.name == found.metric == task.metric
    assert all(s.interval is not None and s.interval.low <= s.value <= s.interval.high for s in found.scores)
    assert [(s.column, s.value) for s in found.slices] == [("side", "left"), ("side", "right")]


@pytest.mark.parametrize("task", [BINARY, THREE, VALUE], ids=lambda t: t.task)
def test_a_model_that_learned_beats_the_baseline_surely(task: TaskSpec) -> None:
    found = evaluated(task)
    baseline = found.against("baseline")
    assert baseline is not None and baseline.interval is not None and baseline.interval.low > 0.0
    assert found.deciding.baseline == found.deciding.linear


def test_classification_has_classes_and_no_residuals() -> None:
    found = evaluated(THREE)
    assert found.residuals is None and found.calibration is not None and len(found.roc) == 3
    assert found.confusion is not None and sum(map(sum, found.confusion.counts)) == 300
    assert [c.label for c in found.classes] == ["a", "b", "c"]
    assert sum(c.rows for c in found.classes) == sum(c.predicted for c in found.classes) == 300


def test_regression_has_residuals_and_no_classes() -> None:
    found = evaluated(VALUE)
    assert found.residuals is not None
    assert found.confusion is found.calibration is None and found.classes == found.roc == ()
    assert found.coverage is None, "it has no margins"


def test_a_regression_with_margins_says_what_its_bounds_hold() -> None:
    y, scores, baseline = rows_of(VALUE)
    two = {"chosen": scores, "baseline": baseline}
    found = evaluate(VALUE, y, two, margins=fit_margins(y, scores), seed=1)
    assert found.coverage is not None and 0.9 <= found.coverage.share <= 0.95
    assert from_json(Evaluation, json.loads(json.dumps(to_json(found), allow_nan=False))) == found


def test_a_class_never_predicted_has_no_precision() -> None:
    y, scores = np.array([0.0, 1.0, 1.0]), np.tile([0.9, 0.1], (3, 1))
    found = evaluate(BINARY, y, {"chosen": scores, "baseline": scores})
    assert (found.classes[1].predicted, found.classes[1].precision, found.classes[1].recall) == (0, None, 0.0)
    assert found.against("linear") is None


@pytest.mark.parametrize("only", [0.0, 1.0])
def test_one_row_and_one_class_still_give_json(only: float) -> None:
    found = evaluate(
        BINARY, np.array([only]), {"chosen": np.array([[0.4, 0.6]]), "baseline": np.array([[0.5, 0.5]])}
    )
    assert from_json(Evaluation, json.loads(json.dumps(to_json(found), allow_nan=False))) == found
    assert found.deciding.value == 0.5 and found.deciding.interval is None


def test_one_regression_row_still_gives_json() -> None:
    found = evaluate(VALUE, np.array([1.0]), {"chosen": np.array([[2.0]]), "baseline": np.array([[0.0]])})
    assert from_json(Evaluation, json.loads(json.dumps(to_json(found), allow_nan=False))) == found


def test_no_rows_are_refused() -> None:
    with pytest.raises(BadData, match="at least one"):
        evaluate(BINARY, np.zeros(0), dict.fromkeys(("chosen", "baseline"), np.zeros((0, 2))))


def test_figures_that_depend_on_the_class_named_are_at_the_threshold() -> None:
    y, scores, baseline = rows_of(BINARY)
    task = dataclasses.replace(BINARY, metric="f1")
    chosen = choose_threshold(task, y, scores)
    three = {"chosen": scores, "baseline": baseline, "linear": scores}
    found = evaluate(task, y, three, thresholds={"chosen": chosen, "baseline": None, "linear": None}, seed=1)
    assert chosen is not None and found.threshold is not None
    named = scores[:, 1] > chosen.value
    by_name = {score.name: score for score in found.scores}
    for name in ("f1", "accuracy", "mcc", "balanced_accuracy"):
        assert by_name[name].value == pytest.approx(metric(name).value(y, np.eye(2)[named.astype(int)]))
    assert by_name["roc_auc"].value == pytest.approx(metric("roc_auc").value(y, scores))
    assert found.confusion is not None
    assert found.confusion.counts[1][1] == int((named & (y == 1)).sum())
    assert found.deciding.interval is not None
    assert found.deciding.interval.low <= found.deciding.value <= found.deciding.interval.high
    # The same model with its label at half is another one, and has its own figure.
    assert by_name["f1"].linear == pytest.approx(found.threshold.at_half)
    gain = found.against("linear")
    assert gain is not None and gain.gain == pytest.approx(found.deciding.value - found.threshold.at_half)
    assert [t for t, _ in found.threshold.points] == [t for t, _ in chosen.curve]
