"""Gradient-boosted symmetric trees by CatBoost: strong with no tuning, and quick to ask."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from engine.families import boosted_params
from engine.families.base import Budget, DataShape, Family, Fitted, Progress, Proposal, TrainingData
from engine.specs.params import Param

_MAX_ROWS = 2_000_000


def build(params: Mapping[str, Any], data: TrainingData, budget: Budget, progress: Progress) -> Fitted:
    """Boost until validation rows stop improving, the rounds are done or the time is over."""
    from engine.families.bridges.catboost_trees import fit_catboost

    return fit_catboost(params, data, budget, progress, max_rows=_MAX_ROWS)


def refuses(shape: DataShape, params: Mapping[str, Any]) -> str | None:
    """Refuse a body too large to publish."""
    return boosted_params.refuse(
        params["rounds"], leaves=2 ** params["depth"], outputs=boosted_params.sums(shape)
    )


def proposes(shape: DataShape) -> tuple[Proposal, ...]:
    """Propose one setting that suits the number of rows."""
    return (
        Proposal(
            order=25,
            params={"rounds": boosted_params.rounds(shape, leaves=64)},
            reason="Symmetric trees, which few rows can't tempt far.",
        ),
    )


FAMILY = Family(
    name="catboost",
    title="Gradient-boosted trees (CatBoost)",
    summary="Many symmetric trees, each asking the same questions on a whole level: steady, and quick to ask.",
    tasks=("binary", "multiclass", "regression"),
    view="tree",
    steps="rounds",
    build=build,
    refuses=refuses,
    proposes=proposes,
    max_rows=_MAX_ROWS,
    finds=("rounds", "learning_rate"),
    params=(
        boosted_params.ROUNDS,
        boosted_params.LEARNING_RATE,
        Param(
            name="depth",
            kind="int",
            default=6,
            low=1,
            high=8,
            unit="levels",
            help="Questions per tree: how many features one correction may combine.",
        ),
        dataclasses.replace(boosted_params.L2, default=3.0, low=0.1, log=True),
        Param(
            name="randomness",
            kind="float",
            default=1.0,
            low=0.0,
            high=10.0,
            help="How much chance takes part in choosing a split, less with every round.",
        ),
        dataclasses.replace(boosted_params.COLUMN_SHARE, default=1.0),
        dataclasses.replace(boosted_params.ROW_SHARE, high=1.0),
        boosted_params.PATIENCE,
    ),
)
