"""Weighted nearest neighbours: answers as the most similar training rows did."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.families.base import Budget, DataShape, Family, Fitted, Progress, Proposal, TrainingData
from engine.specs.params import Param

_MAX_BODY_BYTES = 50_000_000
_MAX_ROWS = 50_000
_MOST_FEATURES = 300
_COMPARED_CELLS_PER_S = 2e9


def build(params: Mapping[str, Any], data: TrainingData, budget: Budget, progress: Progress) -> Fitted:
    """Keep the training rows, equal ones merged."""
    from engine.families.bridges.neighbours import fit_neighbours

    return fit_neighbours(params, data, budget, progress)


def refuses(shape: DataShape, params: Mapping[str, Any]) -> str | None:
    """Refuse more rows than a published file should carry, or than can be compared in reasonable time."""
    size = shape.rows * (shape.features + shape.outputs) * 4
    if shape.rows <= _MAX_ROWS and size <= _MAX_BODY_BYTES:
        return None
    return (
        f"Nearest neighbours keep all training rows in the model file: {shape.rows:,} rows would take "
        f"{size / 1e6:,.0f} MB; at most {_MAX_ROWS:,} rows and {_MAX_BODY_BYTES / 1e6:,.0f} MB are allowed."
    )


def proposes(shape: DataShape) -> tuple[Proposal, ...]:
    """Propose it for small data, where comparing all rows is quick."""
    if shape.rows > 10_000 or shape.features > _MOST_FEATURES:
        return ()
    # Each row is compared with all: while judging, and for each answer of the published file.
    needs_s = 0.01 + shape.rows**2 * shape.features / _COMPARED_CELLS_PER_S
    reason = "Answers by example; strong where similar rows answer alike."
    return (Proposal(order=75, reason=reason, needs_s=needs_s),)


FAMILY = Family(
    name="nearest_neighbours",
    title="Nearest neighbours",
    summary="Averages the answers of the most similar training rows, nearer ones counting more.",
    tasks=("binary", "multiclass", "regression"),
    view="linear",
    build=build,
    refuses=refuses,
    proposes=proposes,
    finds=("neighbours",),
    settles=("neighbours",),
    params=(
        Param(
            name="neighbours",
            kind="int",
            default=0,
            low=0,
            high=200,
            log=True,
            unit="rows",
            help="How many similar rows are asked; 0 finds it on validation rows.",
        ),
    ),
)
