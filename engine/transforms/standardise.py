"""Shift and scale a number to mean 0 and standard deviation 1 on the training rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.specs.params import Param
from engine.transforms.base import Domain, State, TrainingRows
from engine.transforms.formula import NumberTransform, Term


class Standardise(NumberTransform):
    """State: {"mean", "scale"}; scale is 1 where the training rows hold one value only."""

    name = "standardise"
    title = "Scale to mean 0, deviation 1"
    takes: Domain = "number"
    gives: Domain = "number"
    params: tuple[Param, ...] = ()

    def fit(self, rows: TrainingRows, value: str, params: Mapping[str, Any]) -> State:
        """Learn mean and standard deviation of the present values."""
        ((mean, deviation),) = rows.select(
            f"SELECT favg(x), stddev_pop(x) FROM (SELECT {value} AS x FROM train) WHERE x IS NOT NULL"
        )
        centre = float(mean or 0.0)
        # Below this the deviation is rounding noise of a constant column.
        smallest = 1e-9 * max(1e-20, abs(centre))
        scale = float(deviation) if deviation is not None and deviation > smallest else 1.0
        return {"mean": centre, "scale": scale}

    def formula(self, value: Term, params: Mapping[str, Any], state: State) -> Term:
        """Return (value - mean) / scale."""
        return (value - float(state["mean"])) / float(state["scale"])


TRANSFORM = Standardise()
