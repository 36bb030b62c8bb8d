"""The metrics: what each is called, which way is better, and what it says to a person.

Shapes everywhere: y (rows,) float64, the value (regression) or the class index (classification); scores
(rows, outputs) float64, probabilities that sum to 1 or, with one output, the value. Columns follow the order
of `TaskSpec.classes`; in a binary task class 1 is the positive one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from engine.errors import BadCommand, BadData, WorkFailed
from engine.evaluation import formulas
from engine.evaluation.formulas import Counts, Floats, confusion_counts, predicted_classes
from engine.specs.schema import Task

__all__ = [
    "METRICS",
    "Counts",
    "Floats",
    "Metric",
    "confusion_counts",
    "default_metric",
    "metric",
    "metrics_for",
    "predicted_classes",
]


@dataclass(frozen=True, kw_only=True)
class Metric:
    """One way to say how good scores are.

    best, worst: ends of its range; worst may be infinite.  help: one sentence for a person.
    verdict: one sentence about a model, over `value` and `baseline`, formatted as a :share or a :figure.
    undefined: its value where the rows cannot define it, as one class does for a ranking.
    in_plain_words: name of the metric that tells the same to a person, where this one can't.
    """

    name: str
    title: str
    help: str
    verdict: str
    tasks: tuple[Task, ...]
    formula: Callable[[Floats, Floats], float | None]
    best: float
    worst: float
    undefined: float
    in_plain_words: str | None = None

    @property
    def greater_is_better(self) -> bool:
        return self.best > self.worst

    def value(self, y: Floats, scores: Floats) -> float:
        """Return the metric over all rows; finite, never NaN.

        Raises: BadData when there are no rows; WorkFailed when a score is NaN or infinite.
        """
        if len(y) == 0:
            raise BadData(
                f"{self.title} needs rows. Expected: at least one. Received: none.",
                remedy="Import more rows, or choose a split that gives every set some.",
            )
        if not np.isfinite(scores).all():
            raise WorkFailed(
                "The model's scores are not all numbers. Expected: finite ones. Received: NaN or infinite.",
                remedy="Lower the learning rate of this family, or leave the family out with --families.",
            )
        value = self.formula(y, scores)
        return self.undefined if value is None else value

    def is_better(self, value: float, other: float) -> bool:
        """Say whether `value` is strictly better than `other`."""
        return self.gain(value, other) > 0.0

    def gain(self, value: float, over: float) -> float:
        """Return by how much `value` is better than `over`, in the metric's unit; negative when worse."""
        return value - over if self.greater_is_better else over - value


def metric(name: str) -> Metric:
    """Return the metric called `name`.   Raises: BadCommand that lists the names there are."""
    for candidate in METRICS:
        if candidate.name == name:
            return candidate
    raise BadCommand(
        f"There is no such metric. Expected one of {[m.name for m in METRICS]}. Received: {name!r}.",
        remedy="Use a name from the list.",
    )


def metrics_for(task: Task) -> tuple[Metric, ...]:
    """Return the metrics that fit `task`, the default one first."""
    first = default_metric(task)
    return (first, *(m for m in METRICS if task in m.tasks and m is not first))


def default_metric(task: Task) -> Metric:
    """Return the metric that decides when nobody says otherwise: ROC AUC, accuracy or RMSE."""
    return metric({"binary": "roc_auc", "multiclass": "accuracy", "regression": "rmse"}[task])


_CLASSIFICATION: tuple[Task, ...] = ("binary", "multiclass")
_REGRESSION: tuple[Task, ...] = ("regression",)
_INFINITE = float("inf")

METRICS: tuple[Metric, ...] = (
    Metric(
        name="roc_auc",
        title="ROC AUC",
        help="Share of pairs of rows from two classes that the model ranks right; 0.5 is guessing.",
        verdict="The model ranks {value:share} of pairs right; guessing gets {baseline:share}.",
        tasks=_CLASSIFICATION,
        formula=formulas.roc_auc,
        best=1.0,
        worst=0.0,
        undefined=0.5,
    ),
    Metric(
        name="accuracy",
        title="Accuracy",
        help="Share of rows whose predicted class is right.",
        verdict="The model names the right class in {value:share} of rows; guessing gets {baseline:share}.",
        tasks=_CLASSIFICATION,
        formula=formulas.accuracy,
        best=1.0,
        worst=0.0,
        undefined=0.0,
    ),
    Metric(
        name="balanced_accuracy",
        title="Balanced accuracy",
        help="Share predicted right per class, averaged over the classes.",
        verdict="Per class, the model is right in {value:share} on average; guessing in {baseline:share}.",
        tasks=_CLASSIFICATION,
        formula=formulas.balanced_accuracy,
        best=1.0,
        worst=0.0,
        undefined=0.0,
    ),
    Metric(
        name="f1",
        title="F1",
        help="Balance of precision and recall, of class 1 or averaged over more classes.",
        verdict="Precision and recall balance at {value:share} (F1); guessing gets {baseline:share}.",
        tasks=_CLASSIFICATION,
        formula=formulas.f1,
        best=1.0,
        worst=0.0,
        undefined=0.0,
    ),
    Metric(
        name="mcc",
        title="Matthews correlation",
        help="Agreement of prediction and truth; 0 is guessing, 1 is perfect.",
        verdict="Prediction and truth agree to {value:share}; guessing gets {baseline:share}.",
        tasks=_CLASSIFICATION,
        formula=formulas.mcc,
        best=1.0,
        worst=-1.0,
        undefined=0.0,
    ),
    Metric(
        name="average_precision",
        title="Average precision",
        help="Precision averaged over all thresholds, of class 1.",
        verdict="Over all thresholds, precision averages {value:share}; guessing gets {baseline:share}.",
        tasks=("binary",),
        formula=formulas.average_precision,
        best=1.0,
        worst=0.0,
        undefined=0.0,
    ),
    Metric(
        name="log_loss",
        title="Log loss",
        help="Punishes confident errors; 0 is perfect.",
        verdict="The log loss is {value:figure}; guessing gets {baseline:figure}, and less is better.",
        tasks=_CLASSIFICATION,
        formula=formulas.log_loss,
        best=0.0,
        worst=_INFINITE,
        undefined=0.0,
        in_plain_words="accuracy",
    ),
    Metric(
        name="brier",
        title="Brier score",
        help="Half the mean squared distance between probabilities and truth; 0 is perfect.",
        verdict="The Brier score is {value:figure}; guessing gets {baseline:figure}, and less is better.",
        tasks=_CLASSIFICATION,
        formula=formulas.brier,
        best=0.0,
        worst=1.0,
        undefined=0.0,
        in_plain_words="accuracy",
    ),
    Metric(
        name="quadratic_kappa",
        title="Quadratic kappa",
        help="Agreement beyond chance for ordered classes; far misses cost more.",
        verdict="Prediction and truth agree {value:share} beyond chance; guessing gets {baseline:share}.",
        tasks=("multiclass",),
        formula=formulas.quadratic_kappa,
        best=1.0,
        worst=-1.0,
        undefined=0.0,
    ),
    Metric(
        name="rmse",
        title="RMSE",
        help="Typical error in the target's unit; large errors weigh more.",
        verdict="Answers are typically off by {value:figure}; guessing is off by {baseline:figure}.",
        tasks=_REGRESSION,
        formula=formulas.rmse,
        best=0.0,
        worst=_INFINITE,
        undefined=0.0,
    ),
    Metric(
        name="mae",
        title="MAE",
        help="Mean absolute error in the target's unit.",
        verdict="Answers are off by {value:figure} on average; guessing is off by {baseline:figure}.",
        tasks=_REGRESSION,
        formula=formulas.mae,
        best=0.0,
        worst=_INFINITE,
        undefined=0.0,
    ),
    Metric(
        name="median_absolute_error",
        title="Median absolute error",
        help="Half of the rows are missed by less than this.",
        verdict="Half of the answers are off by less than {value:figure}; guessing gets {baseline:figure}.",
        tasks=_REGRESSION,
        formula=formulas.median_absolute_error,
        best=0.0,
        worst=_INFINITE,
        undefined=0.0,
    ),
    Metric(
        name="mape",
        title="MAPE",
        help="Mean error as a share of the actual value; rows whose value is 0 are left out.",
        verdict="Answers are off by {value:share} on average; guessing is off by {baseline:share}.",
        tasks=_REGRESSION,
        formula=formulas.mape,
        best=0.0,
        worst=_INFINITE,
        undefined=0.0,
    ),
    Metric(
        name="r2",
        title="R²",
        help="Share of the target's variance that the model explains; 0 is always answering the mean.",
        verdict="The model explains {value:share} of what varies; guessing explains {baseline:share}.",
        tasks=_REGRESSION,
        formula=formulas.r2,
        best=1.0,
        worst=-_INFINITE,
        undefined=0.0,
    ),
)
