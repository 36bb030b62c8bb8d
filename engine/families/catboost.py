"""Gradient-boosted symmetric trees by CatBoost: strong with no tuning, and quick to ask."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from engine.families import boosted_params
from engine.families.base import Budget, DataShape, Family, Fitted, Progress, Proposal, TrainingData
from engine.specs.params import Param

_MAX_ROWS = 2_000_000
_MOST_CLASSES = 30
_STEADY = "Symmetric trees, which few rows can't tempt far."
_LARGER = "Larger trees, where features interact more."


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
    """Propose shallow trees for few rows, and deeper ones; nothing for many classes, each of which costs like a model.

    Measured on 18 sets of 200 to 2,400 rows: depth 4 lost least to the best of eight boosted settings. Few thresholds
    per feature made it two to three times faster, and on the whole no worse.
    """
    if boosted_params.sums(shape) > _MOST_CLASSES:
        return ()
    if shape.rows >= boosted_params.FEW_ROWS:
        return (_proposal(shape, order=24, depth=6, reason=_STEADY),)
    return (
        _proposal(shape, order=22, depth=4, reason=_STEADY),
        _proposal(shape, order=48, depth=6, name="deep", reason=_LARGER),
    )


def _proposal(shape: DataShape, *, order: int, depth: int, reason: str, name: str = "") -> Proposal:
    is_small = shape.rows < boosted_params.FEW_ROWS
    params = {
        "depth": depth,
        "borders": 64 if is_small or shape.task == "multiclass" else 128,
        "column_share": boosted_params.column_share(shape, 0.6 if is_small else 0.8),
    }
    rate = 0.06 if is_small else 0.08
    pace = boosted_params.pace(shape, 2**depth, rate, most=1500, is_joint=True)
    return Proposal(order=order, name=name, params=params | pace, reason=reason)


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
    settles=("learning_rate",),
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
        Param(
            name="borders",
            kind="int",
            default=128,
            low=8,
            high=254,
            log=True,
            unit="thresholds",
            help="Most thresholds per feature to choose from: fewer are quicker, and often as good.",
        ),
        dataclasses.replace(boosted_params.COLUMN_SHARE, default=1.0),
        dataclasses.replace(boosted_params.ROW_SHARE, high=1.0),
        boosted_params.PATIENCE,
    ),
)
