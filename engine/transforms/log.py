"""Compress a long tail: the logarithm of one plus the size, with the sign kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.specs.params import Param
from engine.transforms.base import Domain, State, TrainingRows
from engine.transforms.formula import NumberTransform, Term


class Log(NumberTransform):
    """State: {}; there is nothing to learn."""

    name = "log"
    title = "Signed logarithm"
    takes: Domain = "number"
    gives: Domain = "number"
    params: tuple[Param, ...] = ()

    def fit(self, rows: TrainingRows, value: str, params: Mapping[str, Any]) -> State:
        """Learn nothing."""
        return {}

    def formula(self, value: Term, params: Mapping[str, Any], state: State) -> Term:
        """Return sign(value) · ln(1 + |value|)."""
        return value.sign() * (value.absolute() + 1.0).logarithm()


TRANSFORM = Log()
