"""A depthwise-separable convolutional network for pictures by Keras."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.families import picture_params, picture_sizes
from engine.families.picture_family import Offer, picture_family


def work(params: Mapping[str, Any], side: int) -> float:
    """Return the multiplications that one picture takes, forwards."""
    width, depth = params["width"], params["depth"]
    # A look per channel makes few multiplications and takes as long as four times as many.
    return picture_sizes.stage_work(side, lambda s: 4.0 * depth * (width * 2**s) * (9.0 + width * 2**s))


def offers(side: int) -> tuple[Offer, ...]:
    """Offer one."""
    reason = "Small and quick to answer: for weak machines."
    return (Offer(order=60, params={"width": 32, "depth": 2}, reason=reason),)


FAMILY = picture_family(
    name="separable_cnn",
    title="Separable convolutional network",
    summary="Convolutions cut in two: a small file that answers quickly.",
    body="separable",
    depth=picture_params.depth(2, "blocks"),
    work=work,
    offers=offers,
)
