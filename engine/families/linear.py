"""Logistic and linear regression with L1, L2 or elastic-net penalty, as strong as validation rows like."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.families.base import Budget, DataShape, Family, Fitted, Progress, Proposal, TrainingData
from engine.specs.params import Param

_MAX_ROWS = 300_000


def build(params: Mapping[str, Any], data: TrainingData, budget: Budget, progress: Progress) -> Fitted:
    """Fit from the strongest penalty to the weakest, warm, until validation rows get worse."""
    from engine.families.bridges.linear_models import fit_linear

    return fit_linear(params, data, budget, progress, max_rows=_MAX_ROWS)


def proposes(shape: DataShape) -> tuple[Proposal, ...]:
    """Always: it is the yardstick for whether anything more complex is worth it."""
    return (Proposal(order=10, reason="The plain model: what additive effects alone explain."),)


FAMILY = Family(
    name="linear",
    title="Linear model",
    summary="Adds up the features with one weight each; easy to read, hard to overfit.",
    tasks=("binary", "multiclass", "regression"),
    view="linear",
    build=build,
    proposes=proposes,
    max_rows=_MAX_ROWS,
    finds=("strength",),
    settles=("strength",),
    is_linear=True,
    params=(
        Param(
            name="penalty",
            kind="choice",
            choices=("l2", "l1", "elastic_net"),
            default="l2",
            help="L2 shrinks all weights, L1 drops weak features, elastic net mixes both.",
        ),
        Param(
            name="strength",
            kind="float",
            default=0.0,
            low=0.0,
            high=10_000.0,
            unit="penalty",
            help="How hard weights are held down; 0 finds it on validation rows.",
        ),
        Param(
            name="l1_share",
            kind="float",
            default=0.5,
            low=0.0,
            high=1.0,
            help="Share of L1 in the elastic net.",
        ),
    ),
)
