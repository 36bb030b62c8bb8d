"""A category as one whole number, for trees and for embeddings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.specs.params import Param
from engine.transforms import sql
from engine.transforms.base import Domain, State, TrainingRows, Transform
from engine.transforms.graph import Graph
from engine.transforms.vocabulary import MAX_KEYS_PARAM, add_rows, count_keys

#: Weight, in rows, of the overall mean when categories are put in order of their target.
ORDER_SMOOTHING = 10.0


class Index(Transform):
    """State: {"keys": [...]}; 0 is missing, 1 … K the keys in order, K + 1 any other (rare or unseen)."""

    name = "index"
    title = "Category as an index"
    takes: Domain = "text"
    gives: Domain = "block"
    params = (
        MAX_KEYS_PARAM,
        Param(
            name="least",
            kind="int",
            default=2,
            low=1,
            high=1_000_000,
            unit="rows",
            help="Training rows a category needs for an index of its own.",
        ),
        Param(
            name="order",
            kind="choice",
            default="frequency",
            choices=("frequency", "target"),
            help="Most frequent first, or by the mean of the target (numbers and two classes), for trees.",
        ),
    )

    def fit(self, rows: TrainingRows, value: str, params: Mapping[str, Any]) -> State:
        """Learn the categories and their order."""
        if params["order"] == "frequency" or rows.classes > 2:
            found = count_keys(rows, value, limit=params["max_keys"], least=params["least"])
            return {"keys": list(found.keys)}
        ordered = rows.select(
            "WITH r AS (SELECT"
            f" {value} AS k, CAST(_y AS DOUBLE) AS y FROM train),"
            " m AS (SELECT avg(y) AS mean FROM r),"
            f" g AS (SELECT k, count(*) AS n, sum(y) AS s FROM r WHERE k IS NOT NULL GROUP BY k"
            f" HAVING n >= {params['least']} ORDER BY n DESC, k LIMIT {params['max_keys']})"
            f" SELECT k FROM g, m ORDER BY (s + {ORDER_SMOOTHING} * mean) / (n + {ORDER_SMOOTHING}), k"
        )
        return {"keys": [str(key) for (key,) in ordered]}

    def labels(self, params: Mapping[str, Any], state: State) -> tuple[str, ...]:
        """One column."""
        return ("",)

    def cardinality(self, params: Mapping[str, Any], state: State) -> int:
        """All keys, missing and other."""
        return len(state["keys"]) + 2

    def sql(
        self, value: str, params: Mapping[str, Any], state: State, *, fold: str | None
    ) -> tuple[str, ...]:
        """Look the index up."""
        keys = ["", *state["keys"]]
        return (sql.lookup(value, keys, range(len(keys)), len(keys)),)

    def onnx(self, graph: Graph, value: str, params: Mapping[str, Any], state: State) -> str:
        """Look the index up."""
        keys = ["", *state["keys"]]
        return add_rows(graph, value, keys, [[float(i)] for i in range(len(keys) + 1)])


TRANSFORM = Index()
