"""A residual network for pictures by Keras."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.families import picture_params, picture_sizes, picture_training
from engine.families.base import Budget, DataShape, Family, Fitted, Progress, Proposal, TrainingData

#: Pictures from which on a larger network is tried too.
_MANY_ROWS = 10_000


def build(params: Mapping[str, Any], data: TrainingData, budget: Budget, progress: Progress) -> Fitted:
    """Train on varied pictures by batches."""
    return picture_training.build("residual", params, data, budget, progress)


def work(params: Mapping[str, Any], side: int) -> float:
    """Return the multiplications that one picture takes, forwards."""
    width, depth = params["width"], params["depth"]
    return picture_sizes.stage_work(side, lambda s: 9.0 * (width * 2**s) ** 2 * (2 * depth - 0.5 * (s > 0)))


def proposes(shape: DataShape) -> tuple[Proposal, ...]:
    """Propose one where there are pictures, and a larger one where there are many."""
    if not picture_sizes.is_worth_trying(shape):
        return ()
    side = max(shape.sample_shape[:2])
    plain, large = {"width": 32, "depth": 1}, {"width": 64, "depth": 2}
    first = Proposal(
        order=20,
        params=plain,
        reason="The strongest network from scratch on most pictures.",
        needs_s=picture_sizes.seconds(shape, work(plain, side)),
    )
    if shape.rows < _MANY_ROWS:
        return (first,)
    second = Proposal(
        name="large",
        order=21,
        params=large,
        reason="Many pictures teach a larger network more.",
        needs_s=picture_sizes.seconds(shape, work(large, side)),
    )
    return (first, second)


FAMILY = Family(
    name="resnet",
    title="Residual network",
    summary="Blocks of convolutions that add to what they are given: the strongest here from scratch.",
    tasks=("binary", "multiclass", "regression"),
    view="pixels",
    steps="passes",
    build=build,
    refuses=picture_sizes.refuses,
    proposes=proposes,
    finds=("passes",),
    params=(
        picture_params.width(32),
        picture_params.depth(1, "blocks"),
        *picture_params.TRAINING,
        *picture_params.AUGMENTATION,
    ),
)
