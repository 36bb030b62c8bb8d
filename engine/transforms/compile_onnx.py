"""Compile a fitted view to ONNX nodes: from the raw columns to one float tensor, shared steps built once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import onnx

from engine.specs.features import Feature, FeaturePlan
from engine.specs.schema import Column, Schema
from engine.transforms.base import State, Transform
from engine.transforms.canonical import add_number, add_text, domain
from engine.transforms.chain import fitted, prefix_key, unique_labels, view_features
from engine.transforms.formula import FLOAT_MAX, OnnxWriter, Term
from engine.transforms.graph import Graph

#: Symbolic size of the batch in every model.
BATCH = "N"


def add_inputs(graph: Graph, schema: Schema, columns: Sequence[str]) -> dict[str, str]:
    """Declare one raw input per column, named as the column: float or string, [N, 1].

    Returns: column → tensor.
    """
    found: dict[str, str] = {}
    for name in columns:
        is_number = schema.column(name).input_type == "float"
        kind = onnx.TensorProto.FLOAT if is_number else onnx.TensorProto.STRING
        found[name] = graph.input(name, kind, [BATCH, 1])
    return found


def add_view(
    graph: Graph, inputs: Mapping[str, str], plan: FeaturePlan, view: str, schema: Schema
) -> tuple[str, tuple[str, ...]]:
    """Add the nodes of `view` and return its features, float32 [N, F], and their labels.

    inputs: column → raw tensor, as `add_inputs` returns.  Called for several views on one graph, what they
    share (clean columns, equal first steps) is built once.
    Raises: InvalidSpec for an unfitted plan, an unknown view, or a view without features.
    """
    features = view_features(plan, view)
    blocks = [_add_feature(graph, inputs[f.column], f, schema.column(f.column)) for f in features]
    joined = blocks[0] if len(blocks) == 1 else graph.node("Concat", *blocks, axis=1)
    limited = Term(OnnxWriter(graph), joined).clamp(-FLOAT_MAX, FLOAT_MAX).code
    return graph.node("Cast", limited, to=onnx.TensorProto.FLOAT), unique_labels(features)


def _add_feature(graph: Graph, raw: str, feature: Feature, column: Column) -> str:
    def clean() -> str:
        return add_number(graph, raw) if domain(column) == "number" else add_text(graph, raw, column)

    value = graph.once(("clean", column.name), clean)
    for position, step in enumerate(feature.steps):
        owner, state = fitted(step, feature)
        key = ("chain", prefix_key(feature.column, feature.steps[: position + 1], with_state=True))
        value = graph.once(key, _builder(graph, owner, value, step.params, state))
    return value


def _builder(graph: Graph, owner: Transform, value: str, params: Mapping[str, Any], state: State) -> Any:
    return lambda: owner.onnx(graph, value, params, state)
