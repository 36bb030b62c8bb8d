"""A depthwise-separable convolutional network for pictures by Keras."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.families import picture_params, picture_sizes, picture_training
from engine.families.base import Budget, DataShape, Family, Fitted, Progress, Proposal, TrainingData


def build(params: Mapping[str, Any], data: TrainingData, budget: Budget, progress: Progress) -> Fitted:
    """Train on varied pictures by batches."""
    return picture_training.build("separable", params, data, budget, progress)


def work(params: Mapping[str, Any], side: int) -> float:
    """Return the multiplications that one picture takes, forwards."""
    width, depth = params["width"], params["depth"]
    # A look per channel makes few multiplications and takes as long as four times as many.
    return picture_sizes.stage_work(side, lambda s: 4.0 * depth * (width * 2**s) * (9.0 + width * 2**s))


def proposes(shape: DataShape) -> tuple[Proposal, ...]:
    """Propose one where there are pictures."""
    if not picture_sizes.is_worth_trying(shape):
        return ()
    params = {"width": 32, "depth": 2}
    return (
        Proposal(
            order=60,
            params=params,
            reason="Small and quick to answer: for weak machines.",
            needs_s=picture_sizes.seconds(shape, work(params, max(shape.sample_shape[:2]))),
        ),
    )


FAMILY = Family(
    name="separable_cnn",
    title="Separable convolutional network",
    summary="Convolutions cut in two: a small file that answers quickly.",
    tasks=("binary", "multiclass", "regression"),
    view="pixels",
    steps="passes",
    build=build,
    refuses=picture_sizes.refuses,
    proposes=proposes,
    finds=("passes",),
    params=(
        picture_params.width(32),
        picture_params.depth(2, "blocks"),
        *picture_params.TRAINING,
        *picture_params.AUGMENTATION,
    ),
)
