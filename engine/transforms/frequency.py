"""How common a category is: its share of the training rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.transforms import sql
from engine.transforms.base import Domain, State, TrainingRows, Transform
from engine.transforms.graph import Graph
from engine.transforms.vocabulary import MAX_KEYS_PARAM, add_rows, count_keys


class Frequency(Transform):
    """State: {"keys": ["", ...], "shares": [...]}; '' is missing, an unseen category has share 0."""

    name = "frequency"
    title = "How common the category is"
    takes: Domain = "text"
    gives: Domain = "block"
    params = (MAX_KEYS_PARAM,)

    def fit(self, rows: TrainingRows, value: str, params: Mapping[str, Any]) -> State:
        """Learn the shares."""
        found = count_keys(rows, value, limit=params["max_keys"])
        counts = (found.missing, *found.counts)
        return {"keys": ["", *found.keys], "shares": [count / max(1, found.rows) for count in counts]}

    def labels(self, params: Mapping[str, Any], state: State) -> tuple[str, ...]:
        """One column."""
        return ("",)

    def sql(
        self, value: str, params: Mapping[str, Any], state: State, *, fold: str | None
    ) -> tuple[str, ...]:
        """Look the share up."""
        return (sql.lookup(value, state["keys"], state["shares"], 0.0),)

    def onnx(self, graph: Graph, value: str, params: Mapping[str, Any], state: State) -> str:
        """Look the share up."""
        return add_rows(graph, value, state["keys"], [[share] for share in (*state["shares"], 0.0)])


TRANSFORM = Frequency()
