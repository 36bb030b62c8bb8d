"""Costs of errors are spelled in a metric's name, and nothing else is read as costs."""

from __future__ import annotations

import math

import pytest

from engine.errors import BadCommand
from engine.specs.costs import Costs, check_costs, costs_named


@pytest.mark.parametrize("costs", [Costs(), Costs(false_positive=5.0), Costs(false_negative=0.125)])
def test_a_name_says_the_costs(costs: Costs) -> None:
    check_costs(costs)
    assert costs_named(costs.metric) == costs


@pytest.mark.parametrize("name", ["f1", "cost", "cost:1", "cost:1:2:3", "cost:a:b", "cost:0:1", "cost:nan:1"])
def test_other_names_are_no_costs(name: str) -> None:
    assert costs_named(name) is None


@pytest.mark.parametrize("wrong", [0.0, -1.0, math.inf, math.nan, 1e7])
def test_costs_that_mean_nothing_are_refused(wrong: float) -> None:
    with pytest.raises(BadCommand, match="false_negative"):
        check_costs(Costs(false_negative=wrong))
