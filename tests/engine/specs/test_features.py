"""A feature plan says which raw columns a model needs."""

from __future__ import annotations

from engine.specs.features import ColumnChoice, Feature, FeaturePlan, Step


def test_the_used_columns_are_those_chosen_in_their_order() -> None:
    choices = [("b", True), ("id", False), ("a", True)]
    plan = FeaturePlan(
        columns=tuple(ColumnChoice(column=name, use=use, reason="…") for name, use in choices), views={}
    )
    assert plan.used_columns == ("b", "a")


def test_the_side_of_pictures_is_that_of_their_view() -> None:
    view = Feature(name="image", column="image", steps=(Step(transform="squeeze", params={"side": 48}),))
    assert FeaturePlan(columns=(), views={"pixels": (view,)}).picture_side == 48
    assert FeaturePlan(columns=(), views={"tree": (view,)}).picture_side is None
