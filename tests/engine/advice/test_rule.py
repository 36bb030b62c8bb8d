"""Templates, numbers as people write them, and what facts say when parts are missing."""

from __future__ import annotations

from dataclasses import replace

from engine.advice import Facts, advise
from engine.advice.rule import Rule, Values, percent


class Example(Rule):
    """Repeats what it was told."""

    code, stage, severity = "AM999", "data", "tip"
    title, why = "Example", "For the test."
    evidence = "{column} has {value:figure} of {rows:,}."
    action = "Look at {column}."

    def measure(self, facts: Facts) -> Values | None:
        return {"column": "{rows}<b>", "value": 0.123456, "rows": 1000}


def test_names_with_braces_are_text_not_templates() -> None:
    finding = Example().check(Facts())
    assert finding is not None
    assert finding.evidence == "{rows}<b> has 0.1235 of 1,000." and finding.action == "Look at {rows}<b>."


def test_percent_of_nothing_is_nothing() -> None:
    assert percent(1, 4) == 25.0 and percent(0, 0) == 0.0


def test_used_columns_come_from_the_plan_once_there_is_one(binary: Facts) -> None:
    assert replace(binary, plan=None).used_columns == frozenset(("a", "b", "c", "d", "city"))
    assert Facts().used_columns == frozenset() and Facts().class_rows == {}
    assert Facts().leading is None and Facts().target_profile is None


def test_a_healthy_run_needs_no_advice(binary: Facts, regression: Facts) -> None:
    assert advise(binary) == advise(regression) == ()
