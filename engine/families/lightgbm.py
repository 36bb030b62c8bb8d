"""Gradient-boosted trees by LightGBM: the usual winner on tables; validation rows stop it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.families.base import Budget, DataShape, Family, Fitted, Progress, Proposal, TrainingData
from engine.families.tree_body import LEAF_OUTPUT_BYTES, NODE_BYTES
from engine.specs.params import Param

_MAX_BODY_BYTES = 400_000_000
#: More rows add next to nothing to trees of this size, and only cost rounds.
_MAX_ROWS = 4_000_000
#: Rows below which trees are small and steps too.
_FEW_ROWS = 3_000


def build(params: Mapping[str, Any], data: TrainingData, budget: Budget, progress: Progress) -> Fitted:
    """Boost until validation rows stop improving, the rounds are done or the time is over."""
    from engine.families.bridges.boosting import fit_boosting

    return fit_boosting(params, data, budget, progress, max_rows=_MAX_ROWS)


def refuses(shape: DataShape, params: Mapping[str, Any]) -> str | None:
    """Refuse a body too large to publish."""
    trees = params["rounds"] * (shape.outputs if shape.task == "multiclass" else 1)
    size = trees * params["leaves"] * (2 * NODE_BYTES + LEAF_OUTPUT_BYTES)
    if size <= _MAX_BODY_BYTES:
        return None
    return (
        f"{trees:,} trees of {params['leaves']} leaves would make a model file of up to "
        f"{size / 1e6:,.0f} MB; at most {_MAX_BODY_BYTES / 1e6:,.0f} MB can be published."
    )


def proposes(shape: DataShape) -> tuple[Proposal, ...]:
    """Three settings that suit the number of rows."""
    classes = shape.outputs if shape.task == "multiclass" else 1
    rounds = max(100, min(4000, 60_000 // (classes * 6)))
    if shape.rows < _FEW_ROWS:
        strong = {"rounds": min(rounds, 1000), "learning_rate": 0.03, "leaves": 7, "rows_per_leaf": 10}
        other = {"rounds": min(rounds, 1000), "learning_rate": 0.02, "leaves": 15, "rows_per_leaf": 5}
    else:
        strong = {"rounds": rounds, "learning_rate": 0.05, "leaves": 31, "rows_per_leaf": 20}
        other = {"rounds": rounds, "learning_rate": 0.03, "leaves": 63, "rows_per_leaf": 30}
    if shape.rows < _FEW_ROWS:
        return _few(strong, other)
    slow = {**other, "learning_rate": other["learning_rate"] / 2, "column_share": 0.4}
    return (
        Proposal(order=20, params=strong, reason="The strongest single bet on most tables."),
        Proposal(order=50, name="deep", params=other, reason="Larger trees, where features interact more."),
        Proposal(
            order=80, name="slow", params=slow, reason="Smaller steps and fewer columns per tree.", needs_s=10
        ),
    )


def _few(strong: dict[str, float], other: dict[str, float]) -> tuple[Proposal, ...]:
    """Return settings that err apart: on weak signals random thresholds gained up to 11 % over the best ones, on
    features of three values they lose, and larger trees win there.
    """
    return (
        Proposal(order=20, params=strong, reason="The strongest single bet on most tables."),
        Proposal(
            order=35,
            name="random",
            params={**strong, "random_cuts": True},
            reason="Random thresholds, which chance in few rows can't tempt.",
        ),
        Proposal(order=50, name="deep", params=other, reason="Larger trees, where features interact more."),
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
        Param(
            name="rounds",
            kind="int",
            default=1000,
            low=1,
            high=20_000,
            unit="trees",
            help="Most boosting rounds; fewer when validation rows stop improving.",
            searched=False,
        ),
        Param(
            name="learning_rate",
            kind="float",
            default=0.05,
            low=0.005,
            high=0.5,
            log=True,
            help="Size of each correction; smaller needs more rounds and often scores better.",
        ),
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
        Param(
            name="column_share",
            kind="float",
            default=0.7,
            low=0.1,
            high=1.0,
            help="Share of the features each tree may look at.",
        ),
        Param(
            name="row_share",
            kind="float",
            default=0.8,
            low=0.2,
            high=1.0,
            help="Share of the training rows each tree is grown on.",
        ),
        Param(
            name="l1",
            kind="float",
            default=0.0,
            low=0.0,
            high=100.0,
            help="L1 penalty on leaf values.",
        ),
        Param(
            name="l2",
            kind="float",
            default=1.0,
            low=0.0,
            high=100.0,
            help="L2 penalty on leaf values.",
        ),
        Param(
            name="patience",
            kind="int",
            default=100,
            low=5,
            high=1000,
            unit="rounds",
            help="Rounds without improvement on validation rows before it stops.",
            searched=False,
        ),
        Param(
            name="random_cuts",
            kind="bool",
            default=False,
            help="Try one random threshold per feature instead of all: noisier trees, less overfitting.",
        ),
    ),
)
