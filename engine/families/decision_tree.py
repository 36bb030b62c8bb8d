"""One decision tree by scikit-learn: a person can read it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from engine.families import tree_params
from engine.families.base import Budget, DataShape, Family, Fitted, Progress, Proposal, TrainingData


def build(params: Mapping[str, Any], data: TrainingData, budget: Budget, progress: Progress) -> Fitted:
    """Grow the tree."""
    from engine.families.bridges.sklearn_trees import fit_tree

    return fit_tree(params, data, budget, progress, max_rows=tree_params.MAX_ROWS)


def proposes(shape: DataShape) -> tuple[Proposal, ...]:
    """Propose one tree small enough to read."""
    rows_per_leaf = max(5, min(1000, shape.rows // 100))
    return (
        Proposal(
            order=15,
            params={"rows_per_leaf": rows_per_leaf, "depth": 6},
            reason="Rules a person can read; shows how far they carry.",
        ),
    )


FAMILY = Family(
    name="decision_tree",
    title="Decision tree",
    summary="A cascade of yes-or-no questions.",
    tasks=("binary", "multiclass", "regression"),
    view="tree",
    build=build,
    refuses=tree_params.refuses,
    proposes=proposes,
    max_rows=tree_params.MAX_ROWS,
    params=(
        dataclasses.replace(tree_params.ROWS_PER_LEAF, default=10),
        dataclasses.replace(tree_params.DEPTH, default=8, searched=True),
        tree_params.columns_param("all"),
    ),
)
