"""Make every picture the same size: what a network needs, whatever size a caller sends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx

from engine.errors import InvalidSpec
from engine.specs.params import Param
from engine.transforms.base import Domain, State, TrainingRows, Transform
from engine.transforms.graph import Graph

#: Sides that are offered: multiples that halve well in a network's stages.
SIDES = (16, 24, 32, 48, 64, 96, 128, 160, 192, 224)
#: The side of the largest pictures that two cores can learn from within minutes.
MOST_PROPOSED_SIDE = 96


class Resize(Transform):
    """State: {}; there is nothing to learn.

    Linear and antialiased, so that a large picture becomes a mean and no raster; the aspect is not kept. Values stay
    whole numbers 0 … 255, so that pictures can be kept as bytes and are served just as they were learned from.
    """

    name = "resize"
    title = "Picture of one size"
    takes: Domain = "picture"
    gives: Domain = "pixels"
    params = (
        Param(
            name="side",
            kind="int",
            default=64,
            low=8,
            high=512,
            unit="pixels",
            help="Width and height of the pictures that models see. More shows finer things and takes longer.",
        ),
    )

    def fit(self, rows: TrainingRows, value: str, params: Mapping[str, Any]) -> State:
        """Learn nothing."""
        return {}

    def labels(self, params: Mapping[str, Any], state: State) -> tuple[str, ...]:
        """None: pixels have no names."""
        return ()

    def width(self, params: Mapping[str, Any], *, distinct: int, classes: int) -> int:
        """Count the numbers of one picture."""
        return int(params["side"]) ** 2 * 3

    def sql(
        self, value: str, params: Mapping[str, Any], state: State, *, fold: str | None
    ) -> tuple[str, ...]:
        """Refuse: the graph itself makes the pixels that models learn from (`engine.training.shards`)."""
        raise InvalidSpec(
            "No SQL resizes a picture. Expected the view 'pixels'.",
            remedy="Use `resize` in the view 'pixels' only.",
        )

    def onnx(self, graph: Graph, value: str, params: Mapping[str, Any], state: State) -> str:
        """Return float [N, side, side, 3] of uint8 [N, height, width, 3]."""
        side = int(params["side"])
        # All four sizes: onnxruntime 1.32 loads no Resize near Transposes that names two axes only.
        count = graph.node("Shape", value, end=1)
        sizes = graph.node("Concat", count, graph.constant([side, side, 3], np.int64), axis=0)
        resized = graph.node(
            "Resize",
            value,
            "",
            "",
            sizes,
            mode="linear",
            antialias=1,
            # Beyond the border is nothing, as in Pillow: otherwise the outermost pixels would count twice.
            exclude_outside=1,
            coordinate_transformation_mode="half_pixel",
        )
        return graph.node("Cast", resized, to=onnx.TensorProto.FLOAT)


TRANSFORM = Resize()


def side_for(longest: float) -> int:
    """Return the side to resize pictures to whose longer side is about `longest` pixels."""
    return next((side for side in SIDES if longest <= side <= MOST_PROPOSED_SIDE), MOST_PROPOSED_SIDE)
