"""Fill missing numbers with one value learnt from the training rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.specs.params import Param
from engine.transforms.base import Domain, State, TrainingRows
from engine.transforms.formula import NumberTransform, Term
from engine.transforms.sampling import sampled

_QUERIES = {
    "median": "SELECT quantile_cont(x, 0.5) FROM (SELECT {value} AS x FROM {sample})",
    "mean": "SELECT avg({value}) FROM train",
    "most_frequent": (
        "SELECT x FROM (SELECT {value} AS x FROM train) WHERE x IS NOT NULL"
        " GROUP BY x ORDER BY count(*) DESC, x LIMIT 1"
    ),
}


class Impute(NumberTransform):
    """State: {"fill": the value put where a number is missing}."""

    name = "impute"
    title = "Fill missing numbers"
    takes: Domain = "number"
    gives: Domain = "number"
    params = (
        Param(
            name="strategy",
            kind="choice",
            default="median",
            choices=("median", "mean", "most_frequent", "constant"),
            help="What a missing number becomes.",
        ),
        Param(name="fill", kind="float", default=0.0, help="The number used by the strategy `constant`."),
    )

    def fit(self, rows: TrainingRows, value: str, params: Mapping[str, Any]) -> State:
        """Learn the fill value; 0 when the training rows hold no number."""
        if params["strategy"] == "constant":
            return {"fill": float(params["fill"])}
        query = _QUERIES[params["strategy"]].format(value=value, sample=sampled(rows))
        found = rows.select(query)
        fill = found[0][0] if found else None
        return {"fill": 0.0 if fill is None else float(fill)}

    def formula(self, value: Term, params: Mapping[str, Any], state: State) -> Term:
        """Return the fill value where `value` is missing."""
        return value.is_missing().where(state["fill"], value)


TRANSFORM = Impute()
