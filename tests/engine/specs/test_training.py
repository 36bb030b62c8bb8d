"""A task says how wide a model's answer is."""

from __future__ import annotations

import pytest

from engine.specs.schema import Task
from engine.specs.training import TaskSpec


@pytest.mark.parametrize(
    ("task", "classes", "outputs"),
    [("binary", ("no", "yes"), 2), ("multiclass", ("a", "b", "c"), 3), ("regression", (), 1)],
)
def test_one_score_per_class_and_one_for_a_value(task: Task, classes: tuple[str, ...], outputs: int) -> None:
    assert TaskSpec(target="y", task=task, metric="m", classes=classes).outputs == outputs
