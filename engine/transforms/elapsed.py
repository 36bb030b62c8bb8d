"""Days since the first moment of the training rows: trends for trees and linear models."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.specs.params import Param
from engine.transforms.base import Domain, State, TrainingRows
from engine.transforms.civil import DAY_S
from engine.transforms.formula import NumberTransform, Term


class Elapsed(NumberTransform):
    """State: {"origin_s": the earliest moment of the training rows, in seconds since 1970-01-01}."""

    name = "elapsed"
    title = "Days since the first date"
    takes: Domain = "number"
    gives: Domain = "number"
    params: tuple[Param, ...] = ()

    def fit(self, rows: TrainingRows, value: str, params: Mapping[str, Any]) -> State:
        """Learn the earliest moment."""
        ((first,),) = rows.select(f"SELECT min({value}) FROM train")
        return {"origin_s": 0.0 if first is None else float(first)}

    def formula(self, value: Term, params: Mapping[str, Any], state: State) -> Term:
        """Return days, with a fraction for the time of the day."""
        return (value - float(state["origin_s"])) / DAY_S


TRANSFORM = Elapsed()
