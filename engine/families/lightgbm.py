"""Gradient-boosted trees by LightGBM: the usual winner on tables; validation rows stop it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.families import boosted_params
from engine.families.base import Budget, DataShape, Family, Fitted, Progress, Proposal, TrainingData
from engine.specs.params import Param

#: More rows add next to nothing to trees of this size, and only cost rounds.
_MAX_ROWS = 4_000_000
_STRONGEST = "The strongest single bet on most tables."
_LARGER = "Larger trees, where features interact more."


def build(params: Mapping[str, Any], data: TrainingData, budget: Budget, progress: Progress) -> Fitted:
    """Boost until validation rows stop improving, the rounds are done or the time is over."""
    from engine.families.bridges.boosting import fit_boosting

    return fit_boosting(params, data, budget, progress, max_rows=_MAX_ROWS)


def refuses(shape: DataShape, params: Mapping[str, Any]) -> str | None:
    """Refuse a body too large to publish."""
    return boosted_params.refuse(params["rounds"] * boosted_params.sums(shape), leaves=params["leaves"])


def proposes(shape: DataShape) -> tuple[Proposal, ...]:
    """Propose settings that suit the number of rows and err apart."""
    if shape.rows < boosted_params.FEW_ROWS:
        return _few(shape)
    leaves = 63 if shape.rows >= boosted_params.MANY_ROWS else 31
    strong = {"leaves": leaves, "rows_per_leaf": 20} | boosted_params.pace(shape, leaves, 0.05)
    deep = {"leaves": 2 * leaves, "rows_per_leaf": 15} | boosted_params.pace(shape, 2 * leaves, 0.03)
    return (
        Proposal(order=20, params=strong, reason=_STRONGEST),
        _random(shape, leaves=leaves, order=32),
        Proposal(order=50, name="deep", params=deep, reason=_LARGER),
        Proposal(
            order=80,
            name="slow",
            params=deep | boosted_params.pace(shape, 2 * leaves, 0.015) | {"column_share": 0.4},
            reason="Smaller steps and fewer columns per tree.",
            needs_s=10,
        ),
    )


def _few(shape: DataShape) -> tuple[Proposal, ...]:
    strong = {"leaves": 7, "rows_per_leaf": 10} | boosted_params.pace(shape, 7, 0.03, most=2000)
    deep = {"leaves": 15, "rows_per_leaf": 5} | boosted_params.pace(shape, 15, 0.02, most=1500)
    return (
        Proposal(order=20, params=strong, reason=_STRONGEST),
        _random(shape, leaves=31, order=32),
        Proposal(order=50, name="deep", params=deep, reason=_LARGER),
    )


def _random(shape: DataShape, *, leaves: int, order: int) -> Proposal:
    """Return trees of random thresholds: they lose on features of few values (rules of games and of cars), but
    were the best of nine settings on 5 of 18 sets of few rows, and err apart from all others.
    """
    params = {"leaves": leaves, "rows_per_leaf": 10, "random_cuts": True, "column_share": 0.8}
    return Proposal(
        order=order,
        name="random",
        params=params | boosted_params.pace(shape, leaves, 0.04, most=2000),
        reason="Random thresholds, which chance can't tempt.",
    )


FAMILY = Family(
    name="lightgbm",
    title="Gradient-boosted trees (LightGBM)",
    summary="Many small trees, each mending what the ones before got wrong.",
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
            name="leaves",
            kind="int",
            default=31,
            low=2,
            high=512,
            log=True,
            unit="leaves",
            help="Most leaves per tree: how complex one correction may be.",
        ),
        Param(
            name="rows_per_leaf",
            kind="int",
            default=20,
            low=1,
            high=1000,
            log=True,
            unit="rows",
            help="Fewest training rows a leaf must hold.",
        ),
        boosted_params.COLUMN_SHARE,
        boosted_params.ROW_SHARE,
        boosted_params.L1,
        boosted_params.L2,
        boosted_params.PATIENCE,
        Param(
            name="random_cuts",
            kind="bool",
            default=False,
            help="Try one random threshold per feature instead of all: noisier trees, less overfitting.",
        ),
    ),
)
