"""The trained model every family returns: how it answers natively, and the same answer as ONNX nodes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx

from engine.families.base import Floats
from engine.transforms.graph import Graph

Doubles = npt.NDArray[np.float64]

BODY_INPUT = "features"
BODY_OUTPUT = "scores"
#: Rows answered at a time by native libraries that need memory in proportion to rows.
_NATIVE_ROWS = 65_536


@dataclass(kw_only=True)
class FittedModel:
    """A trained model.   native: features (rows, *features) → scores (rows, outputs).   nodes: the same in a graph.

    rows: training rows read.  features: width F of the body's input, or the shape of one row of it where that is
    not flat: (height, width, 3).  The rest as in `base.Fitted`.
    """

    native: Callable[[Floats], Doubles]
    nodes: Callable[[Graph, str], str]
    rows: int
    features: int | tuple[int, ...]
    outputs: int
    stopped: str = "converged"
    curve: tuple[tuple[float, float, float], ...] = ()
    notes: Mapping[str, Any] = field(default_factory=dict)

    def predict(self, features: Floats) -> Doubles:
        """Return scores (rows, outputs) float64: probabilities that sum to 1, or the value."""
        if len(features) == 0:
            return np.zeros((0, self.outputs))
        parts = [
            np.asarray(self.native(features[start : start + _NATIVE_ROWS]), np.float64)
            for start in range(0, len(features), _NATIVE_ROWS)
        ]
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def to_onnx(self) -> onnx.ModelProto:
        """Return the body: `features` float [N, *features] → `scores` float [N, outputs], in the house's opset."""
        graph = Graph()
        shape = self.features if isinstance(self.features, tuple) else (self.features,)
        features = graph.input(BODY_INPUT, onnx.TensorProto.FLOAT, [None, *shape])
        scores = self.nodes(graph, features)
        graph.output(scores, BODY_OUTPUT, onnx.TensorProto.FLOAT, [None, self.outputs])
        return graph.model()


def constant_model(scores: Doubles, *, rows: int, features: int | tuple[int, ...]) -> FittedModel:
    """Return the model that answers `scores` (outputs,) whatever it is asked.   features: as in `FittedModel`."""

    def native(x: Floats) -> Doubles:
        return np.repeat(scores[None, :], len(x), axis=0)

    def nodes(graph: Graph, x: str) -> str:
        count = graph.node("Gather", graph.node("Shape", x), graph.constant([0], np.int64))
        shape = graph.node("Concat", count, graph.constant([len(scores)], np.int64), axis=0)
        return graph.node("Expand", graph.constant(scores[None, :], np.float32), shape)

    return FittedModel(native=native, nodes=nodes, rows=rows, features=features, outputs=len(scores))
