"""One 0/1 column per frequent category, one for all others, one for a missing value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.specs.params import Param
from engine.transforms import sql
from engine.transforms.base import Domain, State, TrainingRows, Transform
from engine.transforms.graph import Graph
from engine.transforms.vocabulary import add_rows, count_keys

OTHER = "=(other)"
MISSING = "=(missing)"


class OneHot(Transform):
    """State: {"keys": [...], "other": bool, "missing": bool}.

    An unseen category counts as "other", the place of the rare ones; when the training rows hold no rare
    category there is no such column, and an unseen one is 0 everywhere. The same holds for a missing value.
    """

    name = "one_hot"
    title = "A column per category"
    takes: Domain = "text"
    gives: Domain = "block"
    params = (
        Param(
            name="top",
            kind="int",
            default=30,
            low=1,
            high=1_000,
            unit="categories",
            help="Most categories with a column of their own, the most frequent first.",
        ),
        Param(
            name="least",
            kind="int",
            default=2,
            low=1,
            high=1_000_000,
            unit="rows",
            help="Training rows a category needs for a column of its own.",
        ),
    )

    def fit(self, rows: TrainingRows, value: str, params: Mapping[str, Any]) -> State:
        """Learn the frequent categories."""
        found = count_keys(rows, value, limit=params["top"], least=params["least"])
        return {"keys": list(found.keys), "other": not found.is_whole, "missing": found.missing > 0}

    def labels(self, params: Mapping[str, Any], state: State) -> tuple[str, ...]:
        """Return "=category" …; a column that is always 0 when there is nothing else."""
        extra = [label for label, used in ((OTHER, state["other"]), (MISSING, state["missing"])) if used]
        return tuple(f"={key}" for key in state["keys"]) + tuple(extra) or (OTHER,)

    def width(self, params: Mapping[str, Any], *, distinct: int, classes: int) -> int:
        """Return one column per value, and one each for the rest and for what is missing."""
        return min(int(params["top"]), distinct) + 2

    def sql(
        self, value: str, params: Mapping[str, Any], state: State, *, fold: str | None
    ) -> tuple[str, ...]:
        """Return one comparison per column."""
        keys = ", ".join(sql.literal(key) for key in state["keys"])
        tests = [f"{value} = {sql.literal(key)}" for key in state["keys"]]
        if state["other"] or not self._has_columns(state):
            seen = f"{value} IS NOT NULL" + (f" AND {value} NOT IN ({keys})" if keys else "")
            tests.append(seen if state["other"] else "FALSE")
        if state["missing"]:
            tests.append(f"{value} IS NULL")
        return tuple(f"(CASE WHEN {test} THEN 1.0::DOUBLE ELSE 0.0::DOUBLE END)" for test in tests)

    def onnx(self, graph: Graph, value: str, params: Mapping[str, Any], state: State) -> str:
        """Gather a row of the identity matrix by the category's code."""
        labels, keys = self.labels(params, state), state["keys"]

        def row(position: int | None) -> list[float]:
            return [1.0 if column == position else 0.0 for column in range(len(labels))]

        table = [row(position) for position in range(len(keys))]
        table.append(row(labels.index(MISSING, len(keys)) if state["missing"] else None))
        table.append(row(len(keys) if state["other"] else None))
        return add_rows(graph, value, [*keys, ""], table)

    def _has_columns(self, state: State) -> bool:
        return bool(state["keys"] or state["other"] or state["missing"])


TRANSFORM = OneHot()
