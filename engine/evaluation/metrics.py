"""The metrics: what each is called, which way is better, and what it says to a person.

Shapes everywhere: y (rows,) float64, the value (regression) or the class index (classification); scores
(rows, outputs) float64, probabilities that sum to 1 or, with one output, the value. Columns follow the order
of `TaskSpec.classes`; in a binary task class 1 is the positive one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from engine.errors import BadCommand, BadData, WorkFailed
from engine.evaluation import formulas
from engine.evaluation.formulas import Cells, Counts, Floats, confusion_counts, predicted_classes
from engine.specs.costs import Costs, check_costs, costs_named
from engine.specs.schema import Task
from engine.specs.training import TaskSpec
from engine.words import words

__all__ = [
    "METRICS",
    "Counts",
    "Floats",
    "Metric",
    "check_decider",
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
    reads_labels: which class is named decides it, not how sure the model is.
    of_cells: its value for many thresholds at once; where it is there, the threshold of a binary task is chosen by it.
    needs_order: only for classes that are numbers.
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
    reads_labels: bool = False
    of_cells: Callable[[Cells], Floats] | None = None
    needs_order: bool = False

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
    """Return the metric called `name`, or the cost of errors (see `engine.specs.costs`) that it spells.

    Raises: BadCommand that lists the names there are.
    """
    for candidate in METRICS:
        if candidate.name == name:
            return candidate
    costs = costs_named(name)
    if costs is not None:
        return _mean_cost(name, costs)
    raise BadCommand(
        f"There is no such metric. Expected one of {[m.name for m in METRICS]}. Received: {name!r}.",
        remedy="Use a name from the list.",
    )


def metrics_for(task: Task, classes: Sequence[str] | None = None) -> tuple[Metric, ...]:
    """Return the metrics that fit `task`, the default one first.

    classes: of the target, where they are known: those that are no numbers have no order to measure by.
    """
    first = default_metric(task)
    has_order = classes is None or all(_is_number(label) for label in classes)
    fitting = (m for m in METRICS if task in m.tasks and (has_order or not m.needs_order))
    return (first, *(m for m in fitting if m is not first))


def check_decider(metric_name: str | None, costs: Costs | None, task: TaskSpec) -> None:
    """Refuse a metric, or costs in place of one, that cannot judge this target.

    Raises: BadCommand that lists the metrics that can, or says what the costs need.
    """
    if costs is not None:
        check_costs(costs)
        if metric_name is not None:
            raise BadCommand(
                "Models are compared by one figure. Expected: costs of errors or a metric. "
                f"Received both, the metric being {metric_name!r}.",
                remedy="Leave out the metric, or the costs.",
            )
        if task.task != "binary":
            raise BadCommand(
                "Costs of errors need a target of two classes, which have false positives and false negatives. "
                f"Received: {task.task}.",
                remedy="Leave the costs out.",
            )
    fitting = [m.name for m in metrics_for(task.task, task.classes)]
    if metric_name is not None and metric_name not in fitting:
        raise BadCommand(
            f"The metric {metric_name!r} cannot judge the target {task.target!r} ({task.task}). "
            f"Expected one of {fitting}.",
            remedy="Use a metric from the list.",
        )


def _is_number(label: str) -> bool:
    try:
        return math.isfinite(float(label))
    except ValueError:
        return False


def _mean_cost(name: str, costs: Costs) -> Metric:
    """Return the metric that `costs` make; less is better."""

    def of_cells(cells: Cells) -> Floats:
        return formulas.mean_cost_of(cells, costs.false_positive, costs.false_negative)

    def formula(y: Floats, scores: Floats) -> float:
        counts = confusion_counts(y, scores)
        return float(costs.false_positive * counts[0, 1] + costs.false_negative * counts[1, 0]) / len(y)

    return Metric(
        name=name,
        title="Mean cost",
        help=words(
            "Mean cost of a row: {false_positive:g} for a false positive, {false_negative:g} for a false negative.",
            false_positive=costs.false_positive,
            false_negative=costs.false_negative,
        ),
        verdict="An answer costs {value:figure} on average; guessing costs {baseline:figure}.",
        tasks=("binary",),
        formula=formula,
        best=0.0,
        worst=max(costs.false_positive, costs.false_negative),
        undefined=0.0,
        reads_labels=True,
        of_cells=of_cells,
    )


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
        reads_labels=True,
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
        reads_labels=True,
        of_cells=formulas.balanced_accuracy_of,
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
        reads_labels=True,
        of_cells=formulas.f1_of,
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
        reads_labels=True,
        of_cells=formulas.mcc_of,
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
        name="precision_at_recall",
        title="Precision at 80 % recall",
        help="Share of finds that are right at the threshold that finds 80 % of class 1.",
        verdict="When it finds 80 % of class 1, {value:share} of finds are right; guessing gets {baseline:share}.",
        tasks=("binary",),
        formula=formulas.precision_at_recall,
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
        needs_order=True,
        reads_labels=True,
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
        name="smape",
        title="Symmetric MAPE",
        help="Mean error as a share of the mean of actual and predicted value, 0 to 2; the actual value may be 0.",
        verdict="Answers are off by {value:share} of their size on average; guessing by {baseline:share}.",
        tasks=_REGRESSION,
        formula=formulas.smape,
        best=0.0,
        worst=2.0,
        undefined=0.0,
    ),
    Metric(
        name="rmsle",
        title="RMSLE",
        help="Typical error of log(1 + value): relative errors count. Rows whose value is below 0 are left out.",
        verdict="On the scale of log(1 + value), errors are typically {value:figure}; when guessing {baseline:figure}.",
        tasks=_REGRESSION,
        formula=formulas.rmsle,
        best=0.0,
        worst=_INFINITE,
        undefined=0.0,
        in_plain_words="mae",
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
