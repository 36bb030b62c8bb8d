"""What the test rows say about a model: the facts that the report shows and advice is drawn from.

Every number is finite; what is not known is None, and a part that does not fit the task is None or empty.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from engine.specs.schema import Task

Stage = Literal["data", "split", "training", "evaluation"]
Severity = Literal["issue", "tip"]


@dataclass(frozen=True, kw_only=True)
class Interval:
    """A 95 % interval of a figure, by bootstrap over the test rows unless said otherwise."""

    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class MetricScore:
    """One metric on the test rows, beside what guessing (baseline) and a straight line (linear) reach."""

    name: str
    title: str
    help: str
    greater_is_better: bool
    value: float
    interval: Interval | None = None
    baseline: float | None = None
    linear: float | None = None


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """How much better the model is than another one, on the same rows, in the deciding metric.

    gain: positive when the model is better.  interval: of the gain, both models drawn on the same rows.
    """

    other: Literal["baseline", "linear"]
    gain: float
    interval: Interval | None = None


@dataclass(frozen=True, kw_only=True)
class Confusion:
    """Rows per actual class (first axis) and predicted class (second), in the order of the task's classes."""

    classes: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, kw_only=True)
class ClassScore:
    """How one class fares.   rows: actually of it.   predicted: rows called it.   None: nothing to divide."""

    label: str
    rows: int
    predicted: int
    precision: float | None
    recall: float | None
    f1: float | None


@dataclass(frozen=True, kw_only=True)
class Curve:
    """A line through (x, y), x ascending, of one class against the rest.   area: under the whole line."""

    label: str
    points: tuple[tuple[float, float], ...]
    area: float


@dataclass(frozen=True, kw_only=True)
class ReliabilityBin:
    """Rows of about equal confidence.   interval: of `observed` (Wilson)."""

    rows: int
    predicted: float
    observed: float
    interval: Interval


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """Whether a probability of 0.8 comes true in 80 of 100 rows.

    of: "positive" (probability of class 1) or "top" (probability of the predicted class).
    expected_error: mean distance of predicted and observed, weighted by rows (ECE).
    chance_error: what a perfectly calibrated model would show in as many rows.
    temperature: that mended the probabilities before, chosen on rows that judged models; None where none was needed.
    """

    of: Literal["positive", "top"]
    bins: tuple[ReliabilityBin, ...]
    expected_error: float
    chance_error: float
    temperature: float | None = None


@dataclass(frozen=True, kw_only=True)
class Residuals:
    """The errors of a regression: actual minus predicted.

    quantiles: share as text ("0.05" …) to residual.  absolute_quantiles: the same of the absolute error.
    skewness: of the residuals.  spread_growth: rank correlation of |residual| with the prediction; above 0,
    larger answers are less certain.  histogram: 0.5 % at each end is counted into the outer bins.
    sample: (actual, predicted) of at most 400 rows.
    """

    mean: float
    std: float
    skewness: float
    spread_growth: float
    quantiles: Mapping[str, float]
    absolute_quantiles: Mapping[str, float]
    histogram_edges: tuple[float, ...]
    histogram_counts: tuple[int, ...]
    sample: tuple[tuple[float, float], ...]
    target_minimum: float
    target_maximum: float


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """How far the bounds around a regression's answers can be trusted.

    level: share of rows that they promise to hold.   share: that they hold.   interval: of `share` (Wilson).
    mean_width: of upper minus lower, in the target's unit.
    """

    level: float
    share: float
    interval: Interval
    mean_width: float
    rows: int


@dataclass(frozen=True, kw_only=True)
class SliceScore:
    """The deciding metric on the rows that hold one value of one column.

    is_weakest: no other slice is further below the whole, and its interval does not reach the whole's value.
    """

    column: str
    value: str
    rows: int
    score: float
    interval: Interval | None
    is_weakest: bool = False


@dataclass(frozen=True, kw_only=True)
class ColumnImportance:
    """What the deciding metric loses when one raw column is shuffled.   low, high: of the repeats."""

    column: str
    loss: float
    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class Importance:
    """Permutation importance of raw columns, largest first.

    unmeasured: columns for which time ran out.   Source: Breiman, Random Forests, Machine Learning 45, 2001.
    """

    metric: str
    rows: int
    repeats: int
    columns: tuple[ColumnImportance, ...]
    unmeasured: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ThresholdCurve:
    """The deciding metric over thresholds of the label, of a binary task.

    value: chosen, from which probability of class 1 on that class is named (above it).
    judged: (threshold, metric) on the rows it was chosen on.   points: the same thresholds on the test rows.
    at_half: the metric on the test rows if the likelier class were named instead.
    """

    value: float
    judged: tuple[tuple[float, float], ...]
    points: tuple[tuple[float, float], ...]
    at_half: float


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """Everything the untouched test rows say about the chosen model.

    metric: name of the deciding metric, first in `scores`.   slices: per column, most frequent value first.
    threshold: where one was chosen: every figure that depends on the class named is at it.
    coverage: of the bounds around a regression's answers, where it has them.
    """

    task: Task
    metric: str
    rows: int
    scores: tuple[MetricScore, ...]
    comparisons: tuple[Comparison, ...] = ()
    confusion: Confusion | None = None
    classes: tuple[ClassScore, ...] = ()
    roc: tuple[Curve, ...] = ()
    precision_recall: tuple[Curve, ...] = ()
    calibration: Calibration | None = None
    residuals: Residuals | None = None
    slices: tuple[SliceScore, ...] = ()
    threshold: ThresholdCurve | None = None
    coverage: Coverage | None = None
    version: int = 1

    @property
    def deciding(self) -> MetricScore:
        """The score that validation decided by."""
        return self.scores[0]

    def against(self, other: str) -> Comparison | None:
        """Return the comparison with "baseline" or "linear", where there is one."""
        return next((comparison for comparison in self.comparisons if comparison.other == other), None)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One piece of advice.

    evidence: a sentence with the numbers.   action: one imperative sentence.
    option: how the command line is told to do it, "" where it is nothing that a run can be told.
    values: the numbers and names in `evidence` and `action`, by placeholder, to say them in another language.
    """

    code: str
    stage: Stage
    severity: Severity
    title: str
    evidence: str
    action: str
    values: Mapping[str, int | float | str] = field(default_factory=dict)
    option: str = ""
