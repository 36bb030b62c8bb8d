"""A small convolutional network for pictures by Keras."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.families import picture_params, picture_sizes, picture_training
from engine.families.base import Budget, DataShape, Family, Fitted, Progress, Proposal, TrainingData

#: Side up to which pictures are signs and the like, for which it is enough.
_SIGNS = 28


def build(params: Mapping[str, Any], data: TrainingData, budget: Budget, progress: Progress) -> Fitted:
    """Train on varied pictures by batches."""
    return picture_training.build("plain", params, data, budget, progress)


def work(params: Mapping[str, Any], side: int) -> float:
    """Return the multiplications that one picture takes, forwards."""
    width, depth = params["width"], params["depth"]
    return picture_sizes.stage_work(
        side, lambda s: 9.0 * (width * 2**s) ** 2 * (depth - 0.5 + 0.5 * (s == 0))
    )


def proposes(shape: DataShape) -> tuple[Proposal, ...]:
    """Propose one where there are pictures."""
    if not picture_sizes.is_worth_trying(shape):
        return ()
    params = {"width": 32, "depth": 1}
    side = max(shape.sample_shape[:2])
    return (
        Proposal(
            order=10 if side <= _SIGNS else 40,
            params=params,
            reason="Quick, and enough for signs and simple pictures.",
            needs_s=picture_sizes.seconds(shape, work(params, side)),
        ),
    )


FAMILY = Family(
    name="small_cnn",
    title="Small convolutional network",
    summary="Convolutions and maxima, one behind the other; quick, and enough for signs and simple pictures.",
    tasks=("binary", "multiclass", "regression"),
    view="pixels",
    steps="passes",
    build=build,
    refuses=picture_sizes.refuses,
    proposes=proposes,
    finds=("passes",),
    params=(
        picture_params.width(32),
        picture_params.depth(1, "convolutions"),
        *picture_params.TRAINING,
        *picture_params.AUGMENTATION,
    ),
)
