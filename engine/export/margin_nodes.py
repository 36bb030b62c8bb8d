"""The nodes that put bounds around a predicted number: float32 throughout, as `engine.evaluation.margins` counts."""

from __future__ import annotations

from onnx import TensorProto

from engine.specs.margins import Margins
from engine.transforms.graph import Graph


def add_bounds(graph: Graph, prediction: str, margins: Margins) -> tuple[str, str]:
    """Add the bounds of `prediction`, float [N, 1], and return the names of lower and upper, float [N, 1]."""
    band = _band(graph, prediction, margins.edges)
    lower = graph.node("Sub", prediction, _of_band(graph, margins.below, band))
    upper = graph.node("Add", prediction, _of_band(graph, margins.above, band))
    if margins.floor is not None:
        raised = graph.node("Max", lower, graph.constant([[margins.floor]], "float32"))
        lower = graph.node("Min", prediction, raised)
    return lower, upper


def _band(graph: Graph, prediction: str, edges: tuple[float, ...]) -> str:
    """Return in which band each prediction lies, int64 [N]; "" where there is one band only."""
    if not edges:
        return ""
    above = graph.node("Greater", prediction, graph.constant([edges], "float32"))
    counted = graph.node("Cast", above, to=TensorProto.INT64)
    return graph.node("ReduceSum", counted, graph.constant([1], "int64"), keepdims=0)


def _of_band(graph: Graph, values: tuple[float, ...], band: str) -> str:
    """Return each row's value, float [N, 1]; of one band a constant that all rows share."""
    column = graph.constant([[value] for value in values], "float32")
    return graph.node("Gather", column, band, axis=0) if band else column
