"""Number formulas written once and compiled twice: SQL and ONNX do the same operations in the same order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import numpy as np

from engine.transforms import sql
from engine.transforms.base import State, Transform
from engine.transforms.graph import Graph

FLOAT_MAX = float(np.finfo(np.float32).max)


class Writer(Protocol):
    """Turns operations into code of one language."""

    def constant(self, value: float) -> str:
        """Write a number."""

    def apply(self, operation: str, *operands: str) -> str:
        """Write one operation."""


@dataclass(frozen=True)
class Term:
    """A number (or a condition) of a formula. A comparison with a missing number does not hold."""

    writer: Writer
    code: str

    def _apply(self, operation: str, *operands: Term | float) -> Term:
        codes = [o.code if isinstance(o, Term) else self.writer.constant(o) for o in operands]
        return Term(self.writer, self.writer.apply(operation, self.code, *codes))

    def __add__(self, other: Term | float) -> Term:
        return self._apply("add", other)

    def __sub__(self, other: Term | float) -> Term:
        return self._apply("subtract", other)

    def __mul__(self, other: Term | float) -> Term:
        return self._apply("multiply", other)

    def __truediv__(self, other: Term | float) -> Term:
        return self._apply("divide", other)

    def __gt__(self, other: Term | float) -> Term:
        return self._apply("greater", other)

    def __lt__(self, other: Term | float) -> Term:
        return self._apply("less", other)

    def absolute(self) -> Term:
        """Return the distance from 0."""
        return self._apply("absolute")

    def sign(self) -> Term:
        """Return -1, 0 or 1."""
        return self._apply("sign")

    def logarithm(self) -> Term:
        """Return the natural logarithm of a number above 0; the two sides may differ by one ulp."""
        return self._apply("logarithm")

    def floor(self) -> Term:
        """Return the largest whole number that is not above this one."""
        return self._apply("floor")

    def equals(self, other: Term | float) -> Term:
        """Return the condition that both numbers are the same."""
        return self._apply("equal", other)

    def is_missing(self) -> Term:
        """Return the condition that the number is missing."""
        return self._apply("is_missing")

    def where(self, yes: Term | float, no: Term | float) -> Term:
        """Return `yes` where this condition holds, else `no`."""
        return self._apply("where", yes, no)

    def clamp(self, low: float, high: float) -> Term:
        """Return the number moved into [low, high]; missing stays missing."""
        return (self > high).where(high, (self < low).where(low, self))


class SqlWriter:
    """Writes DuckDB expressions."""

    _forms: ClassVar[Mapping[str, str]] = {
        "add": "({} + {})",
        "subtract": "({} - {})",
        "multiply": "({} * {})",
        "divide": "({} / {})",
        "greater": "({} > {})",
        "less": "({} < {})",
        "equal": "({} = {})",
        "absolute": "abs({})",
        "floor": "floor({})",
        "sign": "CAST(sign({}) AS DOUBLE)",
        "logarithm": "ln({})",
        "is_missing": "({} IS NULL)",
        "where": "(CASE WHEN {} THEN {} ELSE {} END)",
    }

    def constant(self, value: float) -> str:
        """Write a DOUBLE literal."""
        return sql.number(value)

    def apply(self, operation: str, *operands: str) -> str:
        """Write one SQL expression."""
        return self._forms[operation].format(*operands)


class OnnxWriter:
    """Writes ONNX nodes on double tensors of any shape."""

    _operators: ClassVar[Mapping[str, str]] = {
        "add": "Add",
        "subtract": "Sub",
        "multiply": "Mul",
        "divide": "Div",
        "greater": "Greater",
        "less": "Less",
        "equal": "Equal",
        "absolute": "Abs",
        "floor": "Floor",
        "sign": "Sign",
        "logarithm": "Log",
        "is_missing": "IsNaN",
        "where": "Where",
    }

    def __init__(self, graph: Graph) -> None:
        self._graph = graph

    def constant(self, value: float) -> str:
        """Add a double constant."""
        return self._graph.constant(value, np.float64)

    def apply(self, operation: str, *operands: str) -> str:
        """Add one node."""
        return self._graph.node(self._operators[operation], *operands)


class NumberTransform(Transform, Protocol):
    """A transform from one number to one number, stated as a single formula."""

    def formula(self, value: Term, params: Mapping[str, Any], state: State) -> Term:
        """Return the output as a formula of `value`."""

    def labels(self, params: Mapping[str, Any], state: State) -> tuple[str, ...]:
        """One column, called as the feature."""
        return ("",)

    def sql(
        self, value: str, params: Mapping[str, Any], state: State, *, fold: str | None
    ) -> tuple[str, ...]:
        """Compile the formula to SQL."""
        return (self.formula(Term(SqlWriter(), value), params, state).code,)

    def onnx(self, graph: Graph, value: str, params: Mapping[str, Any], state: State) -> str:
        """Compile the formula to ONNX."""
        return self.formula(Term(OnnxWriter(graph), value), params, state).code
