"""1 where a number is missing, else 0."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.specs.params import Param
from engine.transforms.base import Domain, State, TrainingRows
from engine.transforms.formula import NumberTransform, Term


class MissingFlag(NumberTransform):
    """State: {}; there is nothing to learn."""

    name = "missing_flag"
    title = "Flag missing numbers"
    takes: Domain = "number"
    gives: Domain = "number"
    params: tuple[Param, ...] = ()

    def fit(self, rows: TrainingRows, value: str, params: Mapping[str, Any]) -> State:
        """Learn nothing."""
        return {}

    def formula(self, value: Term, params: Mapping[str, Any], state: State) -> Term:
        """Return 1 where `value` is missing, else 0."""
        return value.is_missing().where(1.0, 0.0)


TRANSFORM = MissingFlag()
