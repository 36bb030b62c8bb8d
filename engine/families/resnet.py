"""A residual network for pictures by Keras."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.families import picture_params, picture_sizes
from engine.families.picture_family import Offer, picture_family


def work(params: Mapping[str, Any], side: int) -> float:
    """Return the multiplications that one picture takes, forwards."""
    width, depth = params["width"], params["depth"]
    return picture_sizes.stage_work(side, lambda s: 9.0 * (width * 2**s) ** 2 * (2 * depth - 0.5 * (s > 0)))


def offers(side: int) -> tuple[Offer, ...]:
    """Offer one, and a larger one where there are many pictures."""
    return (
        Offer(
            order=20,
            params={"width": 32, "depth": 1},
            reason="The strongest network from scratch on most pictures.",
        ),
        Offer(
            name="large",
            order=21,
            params={"width": 64, "depth": 2},
            reason="Many pictures teach a larger network more.",
            least_rows=10_000,
        ),
    )


FAMILY = picture_family(
    name="resnet",
    title="Residual network",
    summary="Blocks of convolutions that add to what they are given: the strongest here from scratch.",
    body="residual",
    depth=picture_params.depth(1, "blocks"),
    work=work,
    offers=offers,
)
