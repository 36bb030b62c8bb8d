"""Say how good a model is on the untouched test rows: pure functions of arrays."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.evaluation.bootstrap import compare, metric_intervals
from engine.evaluation.calibration import calibration
from engine.evaluation.curves import precision_recall_curves, roc_curves
from engine.evaluation.margins import coverage
from engine.evaluation.metrics import Counts, Floats, Metric, confusion_counts, metric, metrics_for
from engine.evaluation.residuals import residuals
from engine.evaluation.slices import slice_scores
from engine.evaluation.thresholds import at, curve, named
from engine.specs.evaluation import ClassScore, Comparison, Confusion, Evaluation, MetricScore, ThresholdCurve
from engine.specs.margins import Margins
from engine.specs.training import LabelThreshold, TaskSpec


def evaluate(
    task: TaskSpec,
    y: Floats,
    scores: Mapping[str, Floats],
    *,
    thresholds: Mapping[str, LabelThreshold | None] | None = None,
    margins: Margins | None = None,
    slices: Mapping[str, Any] | None = None,
    seed: int = 0,
) -> Evaluation:
    """Return every fact the test rows give about the chosen model.

    Args:    scores: of "chosen", "baseline" (the trivial model) and, where there is one, "linear" (the best linear one)
                 on the same rows.
             thresholds: of their labels, where they have one; else the likelier class counts as named.
             margins: around the chosen model's answers, where it has them.
             slices: column → one text per row, most interesting column first (see `slice_scores`).
             seed: of the bootstrap's draws and the plotted sample.
    Shapes:  y (rows,) value or class index; scores (rows, outputs) probabilities or value.
    Raises:  BadData when there are no rows; WorkFailed when scores are not finite.
    """
    metrics = _deciding_first(task)
    answers = {name: _Answers(one, (thresholds or {}).get(name)) for name, one in scores.items()}
    chosen, decider = answers["chosen"], metrics[0]
    shared = Evaluation(
        task=task.task,
        metric=decider.name,
        rows=len(y),
        scores=_scores(metrics, y, answers, seed),
        comparisons=_comparisons(decider, y, answers, seed),
        slices=slice_scores(decider, y, chosen.seen_by(decider), slices or {}, seed=seed),
        threshold=_threshold_curve(decider, y, chosen),
    )
    return (
        _with_classes(shared, task, y, chosen)
        if task.classes
        else _with_residuals(shared, y, chosen.scores, margins, seed)
    )


@dataclass(frozen=True)
class _Answers:
    """What one model answered, and from which probability on its label is class 1."""

    scores: Floats
    threshold: LabelThreshold | None

    @property
    def named(self) -> Floats:
        """The scores as a metric that reads labels shall see them."""
        return named(self.scores, self.threshold.value if self.threshold else None)

    def seen_by(self, one: Metric) -> Floats:
        return self.named if one.reads_labels else self.scores


def _deciding_first(task: TaskSpec) -> tuple[Metric, ...]:
    decider = metric(task.metric)
    return (decider, *(m for m in metrics_for(task.task, task.classes) if m is not decider))


def _scores(
    metrics: Sequence[Metric], y: Floats, answers: Mapping[str, _Answers], seed: int
) -> tuple[MetricScore, ...]:
    chosen, linear = answers["chosen"], answers.get("linear")
    value = chosen.threshold.value if chosen.threshold else None
    intervals = metric_intervals([at(m, value) for m in metrics], y, chosen.scores, seed=seed)
    return tuple(
        MetricScore(
            name=m.name,
            title=m.title,
            help=m.help,
            greater_is_better=m.greater_is_better,
            value=m.value(y, chosen.seen_by(m)),
            interval=interval,
            baseline=m.value(y, answers["baseline"].seen_by(m)),
            linear=None if linear is None else m.value(y, linear.seen_by(m)),
        )
        for m, interval in zip(metrics, intervals, strict=True)
    )


def _comparisons(
    decider: Metric, y: Floats, answers: Mapping[str, _Answers], seed: int
) -> tuple[Comparison, ...]:
    ours = answers["chosen"].seen_by(decider)
    return tuple(
        compare(decider, y, ours, theirs.seen_by(decider), other=name, seed=seed)
        for name, theirs in answers.items()
        if name != "chosen"
    )


def _threshold_curve(decider: Metric, y: Floats, chosen: _Answers) -> ThresholdCurve | None:
    """Return how the deciding metric depends on the threshold, where one was chosen by it."""
    if chosen.threshold is None:
        return None
    judged = chosen.threshold.curve
    asked = np.array([threshold for threshold, _ in judged])
    return ThresholdCurve(
        value=chosen.threshold.value,
        judged=judged,
        points=curve(decider, y, chosen.scores[:, 1], asked),
        at_half=decider.value(y, chosen.scores),
    )


def _with_classes(shared: Evaluation, task: TaskSpec, y: Floats, chosen: _Answers) -> Evaluation:
    counts, scores = confusion_counts(y, chosen.named), chosen.scores
    return dataclasses.replace(
        shared,
        confusion=Confusion(classes=task.classes, counts=tuple(map(tuple, counts.tolist()))),
        classes=_class_scores(task.classes, counts),
        roc=roc_curves(y, scores, task.classes),
        precision_recall=precision_recall_curves(y, scores, task.classes),
        calibration=calibration(y, scores),
    )


def _with_residuals(
    shared: Evaluation, y: Floats, scores: Floats, margins: Margins | None, seed: int
) -> Evaluation:
    return dataclasses.replace(
        shared,
        residuals=residuals(y, scores, seed=seed),
        coverage=coverage(y, scores, margins) if margins is not None else None,
    )


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
