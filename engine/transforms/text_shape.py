"""How a text looks, whatever it says: its words, numbers, shouted words and marks, counted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.specs.params import Param
from engine.transforms.base import Domain, State, TrainingRows, Transform
from engine.transforms.formula import OnnxWriter, SqlWriter, Term
from engine.transforms.graph import Graph
from engine.transforms.words import WORD, add_count, sql_count

#: What is counted: label → (pattern, a text that matches).
_SHAPES: Mapping[str, tuple[str, str]] = {
    ".words": (WORD, "0"),
    ".numbers": ("[0-9]+", "0"),
    ".capitals": ("[A-Z]{2,}", "AA"),
    ".marks": ("[!?！？]", "!"),
}


class TextShape(Transform):
    """State: {}. Each count c becomes ln(1 + c)."""

    name = "text_shape"
    title = "Length and look of a text"
    takes: Domain = "text"
    gives: Domain = "block"
    params: tuple[Param, ...] = ()

    def fit(self, rows: TrainingRows, value: str, params: Mapping[str, Any]) -> State:
        """Learn nothing."""
        return {}

    def labels(self, params: Mapping[str, Any], state: State) -> tuple[str, ...]:
        """Return what is counted."""
        return tuple(_SHAPES)

    def width(self, params: Mapping[str, Any], *, distinct: int, classes: int) -> int:
        """Return how many things are counted."""
        return len(_SHAPES)

    def sql(
        self, value: str, params: Mapping[str, Any], state: State, *, fold: str | None
    ) -> tuple[str, ...]:
        """Count matches."""
        counts = [Term(SqlWriter(), sql_count(value, pattern)) for pattern, _ in _SHAPES.values()]
        return tuple((count + 1.0).logarithm().code for count in counts)

    def onnx(self, graph: Graph, value: str, params: Mapping[str, Any], state: State) -> str:
        """Count matches."""
        counts = [add_count(graph, value, *shape) for shape in _SHAPES.values()]
        joined = Term(OnnxWriter(graph), graph.node("Concat", *counts, axis=1))
        return (joined + 1.0).logarithm().code


TRANSFORM = TextShape()
