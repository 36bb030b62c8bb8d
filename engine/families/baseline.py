"""The yardstick: answers the class shares or the mean of the training rows, whatever it is asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from engine.families.base import Budget, DataShape, Family, Fitted, Progress, Proposal, TrainingData
from engine.families.fitted import constant_model
from engine.families.targets import class_shares

_BATCH = 65_536


def build(params: Mapping[str, Any], data: TrainingData, budget: Budget, progress: Progress) -> Fitted:
    """Count classes, or average values, over all training rows in batches."""
    total = np.zeros(data.outputs)
    for _, y in data.train.batches(_BATCH):
        total += [y.sum()] if data.task == "regression" else class_shares(y, data.outputs) * len(y)
    progress(1.0, float("nan"), float("nan"))
    rows = data.train.rows
    return constant_model(total / max(1, rows), rows=rows, features=len(data.train.columns))


def proposes(shape: DataShape) -> tuple[Proposal, ...]:
    """Always: every score is read beside it."""
    return (Proposal(order=0, reason="The score that needs no features: any model must beat it."),)


FAMILY = Family(
    name="baseline",
    title="Baseline",
    summary="Answers the class shares or the mean of the training rows.",
    tasks=("binary", "multiclass", "regression"),
    view="tree",
    is_blind=True,
    build=build,
    proposes=proposes,
)
