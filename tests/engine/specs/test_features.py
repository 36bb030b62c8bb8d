"""A feature plan says which raw columns a model needs."""

from __future__ import annotations

from engine.specs.features import ColumnChoice, FeaturePlan


def test_the_used_columns_are_those_chosen_in_their_order() -> None:
    choices = [("b", True), ("id", False), ("a", True)]
    plan = FeaturePlan(
        columns=tuple(ColumnChoice(column=name, use=use, reason="…") for name, use in choices), views={}
    )
    assert plan.used_columns == ("b", "a")
