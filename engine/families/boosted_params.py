"""What the boosted families share: dials, and the size of the file that their trees make."""

from __future__ import annotations

from engine.families.base import DataShape
from engine.families.tree_body import LEAF_OUTPUT_BYTES, NODE_BYTES
from engine.specs.params import Param

MAX_BODY_BYTES = 400_000_000
#: The most that proposed trees may take: several models, each with a copy per fold, share a file of 100 MB. Most stop
#: early and take half of it or less.
PROPOSED_BODY_BYTES = 6_000_000
#: Rows below which trees are small and steps too.
FEW_ROWS = 3_000
#: Rows from which larger trees have something to say.
MANY_ROWS = 20_000
#: What rounds and learning rate must come to, or boosting ends before it has learned what there is.
_WAY = 15.0

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
L1 = Param(
    name="l1", kind="float", default=0.0, low=0.0, high=100.0, log=True, help="L1 penalty on leaf values."
)
L2 = Param(
    name="l2", kind="float", default=1.0, low=0.0, high=100.0, log=True, help="L2 penalty on leaf values."
)
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


def pace(
    shape: DataShape, leaves: int, learning_rate: float, *, most: int = 4000, is_joint: bool = False
) -> dict[str, float]:
    """Return rounds and learning_rate of a proposal whose file stays small; steps grow where rounds are few.

    leaves: a tree's leaves, as they grow on data like this.   most: rounds; at least 100 are proposed.
    is_joint: one tree a round adds to the sums of all classes, in place of a tree for each.
    """
    count = sums(shape)
    a_round = body_bytes(1, leaves, count) if is_joint else body_bytes(count, leaves)
    rounds = max(100, min(most, PROPOSED_BODY_BYTES // a_round))
    return {"rounds": rounds, "learning_rate": round(max(learning_rate, min(0.15, _WAY / rounds)), 4)}


def column_share(shape: DataShape, share: float) -> float:
    """Return `share`, or 1 where features are so few that a lot often draws none that matters."""
    return share if shape.features >= 8 else 1.0
