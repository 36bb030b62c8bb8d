"""What the decision tree and both forests share: dials and the size of the file they make."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.families.base import DataShape, Proposal
from engine.families.tree_body import LEAF_OUTPUT_BYTES, NODE_BYTES
from engine.specs.params import Param

MAX_BODY_BYTES = 300_000_000
#: What a proposed forest may take: the file holds a copy per fold beside other models, and copies add up to more trees.
PROPOSED_BODY_BYTES = 8_000_000
MAX_ROWS = 200_000

ROWS_PER_LEAF = Param(
    name="rows_per_leaf",
    kind="int",
    default=2,
    low=1,
    high=1000,
    log=True,
    unit="rows",
    help="Fewest training rows a leaf must hold.",
)
DEPTH = Param(
    name="depth",
    kind="int",
    default=0,
    low=0,
    high=64,
    unit="levels",
    help="Most questions from root to leaf; 0 sets no limit.",
    searched=False,
)
TREES = Param(
    name="trees",
    kind="int",
    default=200,
    low=1,
    high=2000,
    unit="trees",
    help="More are steadier, slower and larger.",
    searched=False,
)


def columns_param(default: str) -> Param:
    """Return the dial for how many features one split may look at."""
    return Param(
        name="columns",
        kind="choice",
        choices=("sqrt", "third", "half", "all"),
        default=default,
        help="How many of the features a split may choose from.",
    )


def body_bytes(shape: DataShape, params: Mapping[str, Any]) -> int:
    """Return the most bytes the trees' ONNX body can take: every leaf as small as allowed."""
    leaves = max(1, min(shape.rows, MAX_ROWS) // params["rows_per_leaf"])
    if params["depth"]:
        leaves = min(leaves, 2 ** params["depth"])
    trees = params.get("trees", 1)
    # Measured: leaves of grown trees hold about twice the fewest rows allowed.
    leaves = max(1, leaves // 2) if params["rows_per_leaf"] > 1 else leaves
    return int(trees * leaves * (2 * NODE_BYTES + shape.outputs * LEAF_OUTPUT_BYTES))


def refuses(shape: DataShape, params: Mapping[str, Any]) -> str | None:
    """Refuse trees whose file would be too large to publish."""
    size = body_bytes(shape, params)
    if size <= MAX_BODY_BYTES:
        return None
    return (
        f"{params.get('trees', 1):,} trees on {shape.rows:,} rows would make a model file of up to "
        f"{size / 1e6:,.0f} MB; at most {MAX_BODY_BYTES / 1e6:,.0f} MB can be published."
    )


def forest_size(shape: DataShape, trees: int, rows_per_leaf: int = 1) -> dict[str, int]:
    """Return trees and rows_per_leaf, at least the given one, whose file is small enough to be served with others."""
    while True:
        params = {"trees": trees, "rows_per_leaf": rows_per_leaf, "depth": 0}
        if body_bytes(shape, params) <= PROPOSED_BODY_BYTES or rows_per_leaf > 500:
            return {"trees": trees, "rows_per_leaf": rows_per_leaf}
        rows_per_leaf += 1


def propose_forest(
    shape: DataShape, *, order: int, reason: str, columns: str, rows_per_leaf: int = 1, name: str = ""
) -> tuple[Proposal, ...]:
    """Propose one forest, as large as its file may be.

    columns: how many features a split may choose from.   rows_per_leaf: at least.
    """
    size = forest_size(shape, 100 if shape.rows < 5_000 else 50, rows_per_leaf)
    return (
        Proposal(
            order=order,
            name=name,
            params={**size, "columns": columns},
            reason=reason,
            needs_s=min(20.0, shape.rows / 5000),
        ),
    )
