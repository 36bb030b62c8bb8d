"""The catalogue of advice on pictures is complete and in order; one test file per code."""

from __future__ import annotations

import inspect

from engine.advice import picture_training
from engine.advice.rule import Rule


def test_every_rule_of_the_module_is_in_its_tuple_in_order() -> None:
    classes = [
        item
        for item in vars(picture_training).values()
        if inspect.isclass(item) and issubclass(item, Rule) and item is not Rule
    ]
    assert [type(rule) for rule in picture_training.RULES] == classes
    assert [rule.code for rule in picture_training.RULES] == [f"AM35{i}" for i in range(1, len(classes) + 1)]


def test_every_rule_belongs_to_this_stage() -> None:
    assert {rule.stage for rule in picture_training.RULES} == {"training"}
