"""Say how good a model is on the untouched test rows: pure functions of arrays."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from engine.evaluation.bootstrap import compare, metric_intervals
from engine.evaluation.calibration import calibration
from engine.evaluation.curves import precision_recall_curves, roc_curves
from engine.evaluation.metrics import Counts, Floats, Metric, confusion_counts, metric, metrics_for
from engine.evaluation.residuals import residuals
from engine.evaluation.slices import slice_scores
from engine.specs.evaluation import ClassScore, Comparison, Confusion, Evaluation, MetricScore
from engine.specs.training import TaskSpec


def evaluate(
    task: TaskSpec,
    y: Floats,
    scores: Floats,
    *,
    baseline_scores: Floats,
    linear_scores: Floats | None = None,
    slices: Mapping[str, Any] | None = None,
    seed: int = 0,
) -> Evaluation:
    """Return every fact the test rows give about `scores`.

    Args:    baseline_scores, linear_scores: of the trivial and the best linear model on the same rows.
             slices: column → one text per row, most interesting column first (see `slice_scores`).
             seed: of the bootstrap's draws and the plotted sample.
    Shapes:  y (rows,) value or class index; scores (rows, outputs) probabilities or value.
    Raises:  BadData when there are no rows; WorkFailed when scores are not finite.
    """
    metrics = _deciding_first(task)
    decider = metrics[0]
    shared = Evaluation(
        task=task.task,
        metric=decider.name,
        rows=len(y),
        scores=_scores(metrics, y, scores, baseline_scores, linear_scores, seed),
        comparisons=_comparisons(decider, y, scores, baseline_scores, linear_scores, seed),
        slices=slice_scores(decider, y, scores, slices or {}, seed=seed),
    )
    return (
        _with_classes(shared, task, y, scores) if task.classes else _with_residuals(shared, y, scores, seed)
    )


def _deciding_first(task: TaskSpec) -> tuple[Metric, ...]:
    decider = metric(task.metric)
    return (decider, *(m for m in metrics_for(task.task) if m is not decider))


def _scores(
    metrics: Sequence[Metric], y: Floats, scores: Floats, baseline: Floats, linear: Floats | None, seed: int
) -> tuple[MetricScore, ...]:
    intervals = metric_intervals(metrics, y, scores, seed=seed)
    return tuple(
        MetricScore(
            name=m.name,
            title=m.title,
            help=m.help,
            greater_is_better=m.greater_is_better,
            value=m.value(y, scores),
            interval=interval,
            baseline=m.value(y, baseline),
            linear=None if linear is None else m.value(y, linear),
        )
        for m, interval in zip(metrics, intervals, strict=True)
    )


def _comparisons(
    decider: Metric, y: Floats, scores: Floats, baseline: Floats, linear: Floats | None, seed: int
) -> tuple[Comparison, ...]:
    others = {"baseline": baseline, "linear": linear}
    return tuple(
        compare(decider, y, scores, theirs, other=name, seed=seed)
        for name, theirs in others.items()
        if theirs is not None
    )


def _with_classes(shared: Evaluation, task: TaskSpec, y: Floats, scores: Floats) -> Evaluation:
    counts = confusion_counts(y, scores)
    return dataclasses.replace(
        shared,
        confusion=Confusion(classes=task.classes, counts=tuple(map(tuple, counts.tolist()))),
        classes=_class_scores(task.classes, counts),
        roc=roc_curves(y, scores, task.classes),
        precision_recall=precision_recall_curves(y, scores, task.classes),
        calibration=calibration(y, scores),
    )


def _with_residuals(shared: Evaluation, y: Floats, scores: Floats, seed: int) -> Evaluation:
    return dataclasses.replace(shared, residuals=residuals(y, scores, seed=seed))


def _class_scores(classes: Sequence[str], counts: Counts) -> tuple[ClassScore, ...]:
    rows, predicted, right = counts.sum(axis=1), counts.sum(axis=0), np.diag(counts)
    return tuple(
        ClassScore(
            label=label,
            rows=int(rows[i]),
            predicted=int(predicted[i]),
            precision=_ratio(right[i], predicted[i]),
            recall=_ratio(right[i], rows[i]),
            f1=_ratio(2 * right[i], rows[i] + predicted[i]),
        )
        for i, label in enumerate(classes)
    )


def _ratio(part: Any, whole: Any) -> float | None:
    return float(part / whole) if whole else None
