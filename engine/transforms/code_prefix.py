"""What a code begins with: "C" of the cabin "C85", "PC " of the ticket "PC 17599", "沪A" of a number plate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.specs.params import Param
from engine.transforms import sql
from engine.transforms.base import Domain, State, TrainingRows, Transform
from engine.transforms.canonical import add_first_match
from engine.transforms.graph import Graph

#: At most 16 characters, up to the first digit.
_PATTERN = "^[^0-9]{1,16}"


class CodePrefix(Transform):
    """State: {}. A code that begins with a digit has no prefix and counts as missing."""

    name = "code_prefix"
    title = "What a code begins with"
    takes: Domain = "text"
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
        """Take the match; none is no value."""
        return (f"nullif(regexp_extract({value}, {sql.literal(_PATTERN)}), '')",)

    def onnx(self, graph: Graph, value: str, params: Mapping[str, Any], state: State) -> str:
        """Take the match; none is '', which is how the graph writes a missing text."""
        return add_first_match(graph, value, _PATTERN, sentinel="A")


TRANSFORM = CodePrefix()
