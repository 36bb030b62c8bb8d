"""Random forest by scikit-learn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.families import tree_params
from engine.families.base import Budget, DataShape, Family, Fitted, Progress, Proposal, TrainingData

_FEW_ROWS = 3_000


def build(params: Mapping[str, Any], data: TrainingData, budget: Budget, progress: Progress) -> Fitted:
    """Grow the forest in slices until it is whole or the time is over."""
    from engine.families.bridges.sklearn_trees import fit_forest

    return fit_forest(params, data, budget, progress, max_rows=tree_params.MAX_ROWS, random_cuts=False)


def proposes(shape: DataShape) -> tuple[Proposal, ...]:
    """Propose one forest.

    Leaves of one row rank best; but of several classes in few noisy rows they are too sure. On validation rows of ten
    sets of 200 to 5,000 rows; a root of the features ranked two classes better than a third did, and several worse.
    """
    reason = "Trees that err differently: a steady second opinion."
    columns = {"regression": "half", "binary": "sqrt"}.get(shape.task, "third")
    rows_per_leaf = 2 if shape.task == "multiclass" and shape.rows < _FEW_ROWS else 1
    return tree_params.propose_forest(
        shape, order=40, reason=reason, columns=columns, rows_per_leaf=rows_per_leaf
    )


FAMILY = Family(
    name="random_forest",
    title="Random forest",
    summary="Many trees on resampled rows, averaged.",
    tasks=("binary", "multiclass", "regression"),
    view="tree",
    steps="trees",
    build=build,
    refuses=tree_params.refuses,
    proposes=proposes,
    max_rows=tree_params.MAX_ROWS,
    params=(
        tree_params.TREES,
        tree_params.ROWS_PER_LEAF,
        tree_params.DEPTH,
        tree_params.columns_param("third"),
    ),
)
