"""What is trained: the task, the candidates, and the record of each finished model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.specs.margins import Margins
from engine.specs.schema import Task


@dataclass(frozen=True, kw_only=True)
class TaskSpec:
    """The question asked of the data.

    classes: labels as strings in the order of the probabilities; empty for regression.
    metric: name of the metric that validation decides by (see engine.evaluation.metrics).
    """

    target: str
    task: Task
    metric: str
    classes: tuple[str, ...] = ()
    reason: str = ""

    @property
    def outputs(self) -> int:
        """Width of a model's scores: one per class, or 1 for regression."""
        return len(self.classes) or 1


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """One model to train: a family with parameters.

    id: unique in the run, usable as a folder name.   reason: a sentence for a person.
    start_s: about how many seconds its first training in a process takes longer than those after it.
    """

    id: str
    family: str
    params: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""
    start_s: float = 0.0


@dataclass(frozen=True, kw_only=True)
class ModelRecord:
    """A finished model, as kept on disk beside its body.

    score: the deciding metric on validation rows (natural direction).  train_score: on (a sample of) training rows.
    fold_scores: on each fold in turn, where the model was cross-validated; `score` is over all folds' rows then.
    curve: (step, training loss or score, validation loss or score) while training, where the family has steps.
    stopped: "converged", "early" (no improvement) or "time" (the budget ended it).
    """

    candidate: Candidate
    score: float
    train_score: float | None
    metrics: Mapping[str, float]
    seconds: float
    rows: int
    features: int
    stopped: str = "converged"
    curve: tuple[tuple[float, float, float], ...] = ()
    notes: Mapping[str, Any] = field(default_factory=dict)
    fold_scores: tuple[float, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SelectedModel:
    """One finished model inside the published one.   weight: above 0, taken relative to the others'."""

    candidate: str
    weight: float = 1.0


@dataclass(frozen=True, kw_only=True)
class LabelThreshold:
    """From which probability on a row of a binary task is called class 1: above `value`, a float32.

    metric: it was chosen by.   score: of the metric there, on the rows that judged.
    curve: (threshold, score) on these rows.
    """

    value: float
    metric: str
    score: float
    curve: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Selection:
    """What is published: one model, or several whose scores are averaged by weight.

    members: heaviest first.   score: of the whole on validation rows, in the deciding metric.
    temperature: that the logarithms of the mean probabilities are divided by; None: they are taken at their word.
    threshold: of the label, where one was chosen; None: the likelier class is named.
    margins: around a regression's answers; None: too few rows judge, or it is none.
    """

    members: tuple[SelectedModel, ...]
    score: float
    reason: str = ""
    temperature: float | None = None
    threshold: LabelThreshold | None = None
    margins: Margins | None = None
