"""A whole number as the name of a category, so that months, ratings and codes can be treated as such."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx

from engine.specs.params import Param
from engine.transforms import sql
from engine.transforms.base import Domain, State, TrainingRows, Transform
from engine.transforms.graph import Graph

#: Larger whole numbers are not told apart by float32, the type of a model's number input.
LARGEST = float(2**24)


class WholeAsText(Transform):
    """State: {}. "3" for 3.0; a number with a fraction, or beyond ±2^24, counts as missing."""

    name = "whole_as_text"
    title = "Whole number as a category"
    takes: Domain = "number"
    gives: Domain = "text"
    params: tuple[Param, ...] = ()

    def fit(self, rows: TrainingRows, value: str, params: Mapping[str, Any]) -> State:
        """Learn nothing."""
        return {}

    def labels(self, params: Mapping[str, Any], state: State) -> tuple[str, ...]:
        """One column."""
        return ("",)

    def sql(
        self, value: str, params: Mapping[str, Any], state: State, *, fold: str | None
    ) -> tuple[str, ...]:
        """Cast whole numbers through BIGINT, which writes no fraction, sign of zero or exponent."""
        limit = sql.number(LARGEST)
        whole = f"{value} = floor({value}) AND abs({value}) <= {limit}"
        return (f"(CASE WHEN {whole} THEN CAST(CAST({value} AS BIGINT) AS VARCHAR) END)",)

    def onnx(self, graph: Graph, value: str, params: Mapping[str, Any], state: State) -> str:
        """Cast whole numbers through int64."""
        whole = graph.node(
            "And",
            graph.node("Equal", value, graph.node("Floor", value)),
            graph.node("LessOrEqual", graph.node("Abs", value), graph.constant(LARGEST, np.float64)),
        )
        safe = graph.node("Where", whole, value, graph.constant(0.0, np.float64))
        text = graph.node(
            "Cast", graph.node("Cast", safe, to=onnx.TensorProto.INT64), to=onnx.TensorProto.STRING
        )
        return graph.node("Where", whole, text, graph.constant("", object))


TRANSFORM = WholeAsText()
