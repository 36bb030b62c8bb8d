"""Gradient-boosted trees by XGBoost: grown level by level, with more ways to hold a tree back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.families import boosted_params
from engine.families.base import Budget, DataShape, Family, Fitted, Progress, Proposal, TrainingData
from engine.specs.params import Param

#: More rows add next to nothing to trees of this size, and only cost rounds.
_MAX_ROWS = 4_000_000


def build(params: Mapping[str, Any], data: TrainingData, budget: Budget, progress: Progress) -> Fitted:
    """Boost until validation rows stop improving, the rounds are done or the time is over."""
    from engine.families.bridges.xgboost_trees import fit_xgboost

    return fit_xgboost(params, data, budget, progress, max_rows=_MAX_ROWS)


def refuses(shape: DataShape, params: Mapping[str, Any]) -> str | None:
    """Refuse a body too large to publish."""
    trees = params["rounds"] * boosted_params.sums(shape)
    return boosted_params.refuse(trees, leaves=min(2 ** params["depth"], max(1, shape.rows)))


def proposes(shape: DataShape) -> tuple[Proposal, ...]:
    """Propose one setting that suits the number of rows: shallow trees for few, deep ones that see few columns."""
    if shape.rows < boosted_params.FEW_ROWS:
        params = {"depth": 5, "column_share": boosted_params.column_share(shape, 0.6), "l2": 3.0}
        return _proposal(params | boosted_params.pace(shape, 25, 0.04, most=1500))
    share = boosted_params.column_share(shape, 0.5)
    params = {"depth": 8, "column_share": 1.0, "split_column_share": share, "leaf_weight": 3.0, "l2": 3.0}
    return _proposal(params | boosted_params.pace(shape, 100, 0.05))


def _proposal(params: Mapping[str, Any]) -> tuple[Proposal, ...]:
    reason = "Trees grown level by level: they err differently from those grown leaf by leaf."
    return (Proposal(order=45, params=params, reason=reason),)


FAMILY = Family(
    name="xgboost",
    title="Gradient-boosted trees (XGBoost)",
    summary="Many small trees, grown level by level, each mending what the ones before got wrong.",
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
            high=12,
            unit="levels",
            help="Most questions from root to leaf: how many features one correction may combine.",
        ),
        Param(
            name="leaf_weight",
            kind="float",
            default=1.0,
            low=0.01,
            high=100.0,
            log=True,
            help="Least weight of rows in a leaf; rows that are answered surely weigh little.",
        ),
        boosted_params.COLUMN_SHARE,
        Param(
            name="split_column_share",
            kind="float",
            default=1.0,
            low=0.1,
            high=1.0,
            help="Share of a tree's features that one split may choose from.",
        ),
        boosted_params.ROW_SHARE,
        Param(
            name="least_gain",
            kind="float",
            default=0.0,
            low=0.0,
            high=10.0,
            help="Least gain that a split must bring.",
        ),
        boosted_params.L1,
        boosted_params.L2,
        boosted_params.PATIENCE,
    ),
)
