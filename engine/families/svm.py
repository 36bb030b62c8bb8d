"""A support vector machine with a Gaussian kernel, one per class, with calibrated probabilities."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.families.base import Budget, DataShape, Family, Fitted, Progress, Proposal, TrainingData
from engine.specs.params import Param

_MOST_ROWS = 20_000
#: What one machine takes at least, and pairs of rows × features that are compared in a second, for classes
#: and for values.
_MACHINE_S, _COMPARED_CELLS_PER_S, _OF_VALUES_PER_S = 0.02, 1e9, 2.5e8


def build(params: Mapping[str, Any], data: TrainingData, budget: Budget, progress: Progress) -> Fitted:
    """Solve one machine per class, then calibrate on validation rows."""
    from engine.families.bridges.support_vectors import fit_support_vectors

    return fit_support_vectors(params, data, budget, progress)


def refuses(shape: DataShape, params: Mapping[str, Any]) -> str | None:
    """Refuse more rows than pairs of them can be compared."""
    if shape.rows <= _MOST_ROWS:
        return None
    return (
        f"A support vector machine compares all pairs of rows: it takes at most {_MOST_ROWS:,} training "
        f"rows; this data has {shape.rows:,}."
    )


def proposes(shape: DataShape) -> tuple[Proposal, ...]:
    """Propose it for small data only, twice for the smallest: its time grows with the square of the rows."""
    classes = shape.outputs if shape.outputs > 2 else 1
    work = shape.rows**2 * shape.features * classes
    if shape.rows > 10_000 or work > 2e11:
        return ()
    # One solution, and as long again for the cost and the reach that suit the data.
    pace = _OF_VALUES_PER_S if shape.task == "regression" else _COMPARED_CELLS_PER_S
    needs_s = 2 * (_MACHINE_S * classes + work / pace)
    first = Proposal(
        order=70,
        reason="Smooth borders between classes; strong on small data with numeric features.",
        needs_s=needs_s,
    )
    wide = Proposal(
        order=72,
        name="wide",
        params={"cost": 1.0, "reach": 3.0},
        reason="Wider influence of each row: nearly straight borders, for weak signals in few rows.",
        needs_s=needs_s,
    )
    return (first, wide) if shape.rows < 3_000 else (first,)


FAMILY = Family(
    name="svm",
    title="Support vector machine",
    summary="Separates by the few training rows that lie nearest to the border.",
    tasks=("binary", "multiclass", "regression"),
    view="linear",
    build=build,
    refuses=refuses,
    proposes=proposes,
    finds=("cost", "reach"),
    settles=("cost", "reach"),
    refits=False,  # its probabilities are calibrated on validation rows
    params=(
        Param(
            name="cost",
            kind="float",
            default=0.0,
            low=0.0,
            high=10_000.0,
            log=True,
            help="What a training row on the wrong side costs; more fits closer. 0 finds it on validation rows.",
        ),
        Param(
            name="reach",
            kind="float",
            default=0.0,
            low=0.0,
            high=100.0,
            log=True,
            help="How far a training row's influence goes, relative to the features' spread. 0 finds it likewise.",
        ),
    ),
)
