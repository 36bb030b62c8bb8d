"""A modern convolutional network for pictures by Keras, after ConvNeXt."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.families import picture_params, picture_sizes
from engine.families.picture_family import Offer, picture_family


def work(params: Mapping[str, Any], side: int) -> float:
    """Return the multiplications that one picture takes, forwards."""
    width, depth = params["width"], params["depth"]
    # Its first layer halves the side. A multiplication of a look of 49 points takes as long as seven others, measured.
    return picture_sizes.stage_work(side, lambda s: depth * (width * 2**s) * (90.0 + 3.6 * width * 2**s))


def offers(side: int) -> tuple[Offer, ...]:
    """Offer one."""
    reason = "Errs differently from other networks; wants many pictures."
    return (Offer(order=80, params={"width": 32, "depth": 2}, reason=reason),)


FAMILY = picture_family(
    name="convnext",
    title="Modern convolutional network (ConvNeXt)",
    summary="Wide looks per channel and small networks per point; wants many pictures.",
    body="modern",
    depth=picture_params.depth(2, "blocks"),
    work=work,
    offers=offers,
)
