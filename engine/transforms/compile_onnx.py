"""Compile a fitted view to ONNX nodes: from the raw columns to one float tensor, shared steps built once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import onnx

from engine.specs.features import GRAPH_VIEWS, Feature, FeaturePlan
from engine.specs.schema import Column, InputType, Schema
from engine.transforms.base import State, Transform
from engine.transforms.canonical import add_number, add_text, domain
from engine.transforms.chain import fitted, prefix_key, unique_labels, view_features
from engine.transforms.formula import FLOAT_MAX, OnnxWriter, Term
from engine.transforms.graph import Graph

#: Symbolic size of the batch in every model.
BATCH = "N"
_ELEMENTS: Mapping[InputType, int] = {
    "float": onnx.TensorProto.FLOAT,
    "string": onnx.TensorProto.STRING,
    "image": onnx.TensorProto.UINT8,
}


def add_inputs(graph: Graph, schema: Schema, columns: Sequence[str]) -> dict[str, str]:
    """Declare one raw input per column, named as the column: float or string [N, 1], or uint8 [N, height, width, 3].

    Returns: column → tensor.
    """
    found: dict[str, str] = {}
    for name in columns:
        kind = schema.column(name).input_type
        shape: list[int | str | None] = [BATCH, "height", "width", 3] if kind == "image" else [BATCH, 1]
        found[name] = graph.input(name, _ELEMENTS[kind], shape)
    return found


def add_view(
    graph: Graph, inputs: Mapping[str, str], plan: FeaturePlan, view: str, schema: Schema
) -> tuple[str, tuple[str, ...]]:
    """Add the nodes of `view` and return its features, float32 [N, F], and their labels; pixels have none.

    inputs: column → raw tensor, as `add_inputs` returns.  Called for several views on one graph, what they
    share (clean columns, equal first steps) is built once.
    Raises: InvalidSpec for an unfitted plan, an unknown view, or a view without features.
    """
    features = view_features(plan, view)
    blocks = [_add_feature(graph, inputs[f.column], f, schema.column(f.column)) for f in features]
    if view in GRAPH_VIEWS:
        return blocks[0], ()
    joined = blocks[0] if len(blocks) == 1 else graph.node("Concat", *blocks, axis=1)
    limited = Term(OnnxWriter(graph), joined).clamp(-FLOAT_MAX, FLOAT_MAX).code
    return graph.node("Cast", limited, to=onnx.TensorProto.FLOAT), unique_labels(features)


def _add_feature(graph: Graph, raw: str, feature: Feature, column: Column) -> str:
    def clean() -> str:
        form = domain(column)
        return (
            raw
            if form == "picture"
            else add_number(graph, raw)
            if form == "number"
            else add_text(graph, raw, column)
        )

    value = graph.once(("clean", column.name), clean)
    for position, step in enumerate(feature.steps):
        owner, state = fitted(step, feature)
        key = ("chain", prefix_key(feature.column, feature.steps[: position + 1], with_state=True))
        value = graph.once(key, _builder(graph, owner, value, step.params, state))
    return value


def _builder(graph: Graph, owner: Transform, value: str, params: Mapping[str, Any], state: State) -> Any:
    return lambda: owner.onnx(graph, value, params, state)
