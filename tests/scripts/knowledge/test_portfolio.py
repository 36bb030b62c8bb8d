"""The portfolio: proposals and further points, each once, each a point of its family's declared space."""

from __future__ import annotations

import pytest

from engine.families import CATALOGUE, family
from engine.families.base import DataShape
from engine.specs.params import complete
from engine.specs.schema import Task
from engine.specs.training import TaskSpec
from scripts.knowledge.portfolio import FURTHER, portfolio


@pytest.mark.parametrize("rows", [200, 5_000, 50_000])
@pytest.mark.parametrize(("task", "outputs"), [("binary", 2), ("multiclass", 5), ("regression", 1)])
def test_every_configuration_stands_once_and_is_complete(task: Task, outputs: int, rows: int) -> None:
    shape = DataShape(rows=rows, features=20, task=task, outputs=outputs)
    question = TaskSpec(
        target="y", task=task, metric="", classes=tuple("abcde"[:outputs]) if outputs > 1 else ()
    )
    found = portfolio(question, {"tree": shape, "linear": shape, "deep": shape})
    names = [one.id for one in found]
    assert len(set(names)) == len(names) and {"baseline", "linear", "lightgbm"} <= set(names)
    for one in found:
        member = family(one.family)
        assert complete(member.params, one.params, member.name) == one.params
        assert member.refuses(shape, one.params) is None


def test_no_further_point_is_a_proposal() -> None:
    ids = [point.id for point in FURTHER]
    assert len(set(ids)) == len(ids)
    shape = DataShape(rows=2_000, features=20, task="binary", outputs=2)
    proposed = {
        f"{member.name}-{one.name}" if one.name else member.name
        for member in CATALOGUE
        if member.view in ("tree", "linear", "deep")
        for one in member.proposes(shape)
    }
    assert proposed.isdisjoint(ids)


def test_no_view_has_no_portfolio() -> None:
    assert portfolio(TaskSpec(target="y", task="binary", metric="", classes=("a", "b")), {}) == ()
