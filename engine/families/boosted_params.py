"""What the boosted families share: dials, and the size of the file that their trees make."""

from __future__ import annotations

from engine.families.base import DataShape
from engine.families.tree_body import LEAF_OUTPUT_BYTES, NODE_BYTES
from engine.specs.params import Param

MAX_BODY_BYTES = 400_000_000
#: What proposed trees may take: several models and their copies of several folds share a file of 100 MB.
PROPOSED_BODY_BYTES = 4_000_000

ROUNDS = Param(
    name="rounds",
    kind="int",
    default=1000,
    low=1,
    high=20_000,
    unit="trees",
    help="Most boosting rounds; fewer when validation rows stop improving.",
    searched=False,
)
LEARNING_RATE = Param(
    name="learning_rate",
    kind="float",
    default=0.05,
    low=0.005,
    high=0.5,
    log=True,
    help="Size of each correction; smaller needs more rounds and often scores better.",
)
COLUMN_SHARE = Param(
    name="column_share",
    kind="float",
    default=0.7,
    low=0.1,
    high=1.0,
    help="Share of the features each tree may look at.",
)
ROW_SHARE = Param(
    name="row_share",
    kind="float",
    default=0.8,
    low=0.2,
    high=1.0,
    help="Share of the training rows each tree is grown on.",
)
L1 = Param(name="l1", kind="float", default=0.0, low=0.0, high=100.0, help="L1 penalty on leaf values.")
L2 = Param(name="l2", kind="float", default=1.0, low=0.0, high=100.0, help="L2 penalty on leaf values.")
PATIENCE = Param(
    name="patience",
    kind="int",
    default=100,
    low=5,
    high=1000,
    unit="rounds",
    help="Rounds without improvement on validation rows before it stops.",
    searched=False,
)


def sums(shape: DataShape) -> int:
    """Return how many sums of trees a row's answer needs: one per class, or 1 for two classes and values."""
    return shape.outputs if shape.task == "multiclass" else 1


def body_bytes(trees: int, leaves: int, outputs: int = 1) -> int:
    """Return the most bytes of `trees` trees of `leaves` leaves, each adding to `outputs` outputs."""
    return trees * leaves * (2 * NODE_BYTES + outputs * LEAF_OUTPUT_BYTES)


def refuse(trees: int, leaves: int, outputs: int = 1) -> str | None:
    """Say why trees of this size can't be published, or None when they can."""
    size = body_bytes(trees, leaves, outputs)
    if size <= MAX_BODY_BYTES:
        return None
    return (
        f"{trees:,} trees of {leaves} leaves would make a model file of up to {size / 1e6:,.0f} MB; "
        f"at most {MAX_BODY_BYTES / 1e6:,.0f} MB can be published."
    )


def rounds(shape: DataShape, leaves: int, most: int = 4000) -> int:
    """Return the rounds a proposal may take, so that its file stays small; at least 100.

    leaves: a tree's leaves, as they grow on data like this.
    """
    size = body_bytes(sums(shape), leaves)
    return max(100, min(most, PROPOSED_BODY_BYTES // size))
