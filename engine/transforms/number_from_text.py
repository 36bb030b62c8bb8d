"""Read the first number out of a text such as "23.4 kmpl" or "€ 1.250,00"."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx

from engine.specs.params import Param
from engine.transforms import sql
from engine.transforms.base import Domain, State, TrainingRows, Transform
from engine.transforms.canonical import add_first_match, add_matches
from engine.transforms.graph import Graph

#: Digit groups read when thousands are separated; 3 × 7 digits.
_GROUPS = 7
_DIGITS = "[0-9]{1,40}"


class NumberFromText(Transform):
    """State: {}. A text without a number is missing; at most 40 digits before and after the sign are read."""

    name = "number_from_text"
    title = "Read the number in a text"
    takes: Domain = "text"
    gives: Domain = "number"
    params = (
        Param(name="decimal", kind="choice", default=".", choices=(".", ","), help="The decimal sign."),
        Param(
            name="thousands",
            kind="choice",
            default="",
            choices=("", ",", ".", " ", "'"),
            help="What stands between groups of three digits.",
        ),
    )

    def fit(self, rows: TrainingRows, value: str, params: Mapping[str, Any]) -> State:
        """Learn nothing."""
        return {}

    def labels(self, params: Mapping[str, Any], state: State) -> tuple[str, ...]:
        """One column."""
        return ("",)

    def sql(
        self, value: str, params: Mapping[str, Any], state: State, *, fold: str | None
    ) -> tuple[str, ...]:
        """Take the match, drop the thousands, cast."""
        found = f"regexp_extract({value}, {sql.literal(_pattern(params))})"
        if _separator(params):
            found = f"replace({found}, {sql.literal(_separator(params))}, '')"
        if params["decimal"] != ".":
            found = f"replace({found}, {sql.literal(params['decimal'])}, '.')"
        return (f"TRY_CAST({found} AS DOUBLE)",)

    def onnx(self, graph: Graph, value: str, params: Mapping[str, Any], state: State) -> str:
        """Take the match, put its pieces together as a plain number, cast."""
        found = add_first_match(graph, value, _pattern(params))
        text = found
        if params["decimal"] != "." or _separator(params):
            text = self._plain(graph, found, params)
        none = graph.node("Equal", found, graph.constant("", object))
        safe = graph.node("Where", none, graph.constant("nan", object), text)
        return graph.node("Cast", safe, to=onnx.TensorProto.DOUBLE)

    def _plain(self, graph: Graph, found: str, params: Mapping[str, Any]) -> str:
        """Return sign, digit groups of the whole part, ".", and the fraction, as one text."""
        decimal = re.escape(params["decimal"])
        whole = add_first_match(graph, found, f"^-?[^-{decimal}]+")
        ending = add_first_match(graph, found, f"{decimal}[0-9]+", sentinel=f"{params['decimal']}0")
        fraction = add_first_match(graph, ending, "[0-9]+")
        groups = add_matches(graph, whole, "[0-9]+", sentinel=" ".join("0" * _GROUPS))
        text = add_first_match(graph, found, "^-", sentinel="-")
        for position in range(_GROUPS):
            bounds = (graph.constant([n], np.int64) for n in (position, position + 1, 1))
            text = graph.node("StringConcat", text, graph.node("Slice", groups, *bounds))
        # A trailing 0 changes nothing and stands in for a fraction that is not there.
        for piece in (graph.constant(".", object), fraction, graph.constant("0", object)):
            text = graph.node("StringConcat", text, piece)
        return text


def _separator(params: Mapping[str, Any]) -> str:
    """Return the thousands sign; one that is also the decimal sign means nothing."""
    return "" if params["thousands"] == params["decimal"] else str(params["thousands"])


def _pattern(params: Mapping[str, Any]) -> str:
    separator = re.escape(_separator(params))
    grouped = f"[0-9]{{1,3}}(?:{separator}[0-9]{{3}}){{1,{_GROUPS - 1}}}|" if separator else ""
    return f"-?(?:{grouped}{_DIGITS})(?:{re.escape(params['decimal'])}{_DIGITS})?"


TRANSFORM = NumberFromText()
