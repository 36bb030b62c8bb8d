"""Weighted nearest neighbours: answers as the most similar training rows did."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.families.base import Budget, DataShape, Family, Fitted, Progress, Proposal, TrainingData
from engine.specs.params import Param

_MAX_BODY_BYTES = 50_000_000
_MAX_ROWS = 50_000


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
    if shape.rows > 10_000 or shape.features > 100:
        return ()
    return (Proposal(order=75, reason="Answers by example; strong where similar rows answer alike."),)


FAMILY = Family(
    name="nearest_neighbours",
    title="Nearest neighbours",
    summary="Averages the answers of the most similar training rows, nearer ones counting more.",
    tasks=("binary", "multiclass", "regression"),
    view="linear",
    build=build,
    refuses=refuses,
    proposes=proposes,
    params=(
        Param(
            name="neighbours",
            kind="int",
            default=15,
            low=1,
            high=200,
            log=True,
            unit="rows",
            help="How many similar rows are asked.",
        ),
    ),
)
