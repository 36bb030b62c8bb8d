"""A small convolutional network for pictures by Keras."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.families import picture_params, picture_sizes
from engine.families.picture_family import Offer, picture_family

#: Side up to which pictures are signs and the like, for which it is enough.
_SIGNS = 28


def work(params: Mapping[str, Any], side: int) -> float:
    """Return the multiplications that one picture takes, forwards."""
    width, depth = params["width"], params["depth"]
    return picture_sizes.stage_work(
        side, lambda s: 9.0 * (width * 2**s) ** 2 * (depth - 0.5 + 0.5 * (s == 0))
    )


def offers(side: int) -> tuple[Offer, ...]:
    """Offer one, first of all where pictures are small."""
    reason = "Quick, and enough for signs and simple pictures."
    return (Offer(order=10 if side <= _SIGNS else 40, params={"width": 32, "depth": 1}, reason=reason),)


FAMILY = picture_family(
    name="small_cnn",
    title="Small convolutional network",
    summary="Convolutions and maxima, one behind the other; quick, and enough for signs and simple pictures.",
    body="plain",
    depth=picture_params.depth(1, "convolutions"),
    work=work,
    offers=offers,
)
