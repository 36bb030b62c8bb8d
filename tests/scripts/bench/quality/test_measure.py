"""What is measured in which order, and what is never measured twice."""

from __future__ import annotations

from scripts.bench.quality.measure import PEERS, plan
from scripts.bench.quality.sets import SETS


def test_short_budgets_come_first_long_ones_for_the_first_sets_and_the_floor_once() -> None:
    todos = list(plan(SETS, PEERS, (300.0, 60.0)))
    assert len(todos) == 20 * 3 + 8 * 2
    assert [todo.budget_s for todo in todos[60:]] == [300.0] * 16
    assert {todo.one.name for todo in todos[60:]} == {one.name for one in SETS[:8]}
    assert [todo.one.name for todo in todos if todo.system == "lightgbm"] == [one.name for one in SETS]


def test_only_what_was_asked_for_is_planned() -> None:
    todos = list(plan(SETS[10:11], ("flaml",), (5.0,)))
    assert [(todo.one.name, todo.system, todo.budget_s) for todo in todos] == [("ring", "flaml", 5.0)]
