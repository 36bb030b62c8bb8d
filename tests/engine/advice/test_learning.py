"""The catalogue of advice on rows goes on from that of the evaluation; one test file per code."""

from __future__ import annotations

import inspect

from engine.advice import evaluation, learning
from engine.advice.rule import Rule


def test_every_rule_of_the_module_is_in_its_tuple() -> None:
    classes = [
        item
        for item in vars(learning).values()
        if inspect.isclass(item) and issubclass(item, Rule) and item is not Rule
    ]
    assert [type(rule) for rule in learning.RULES] == classes


def test_every_rule_belongs_to_this_stage_and_no_code_is_given_twice() -> None:
    assert {rule.stage for rule in learning.RULES} == {"evaluation"}
    assert not {rule.code for rule in learning.RULES} & {rule.code for rule in evaluation.RULES}
