"""Slices: counted right, the failing group marked, chance and tiny groups left alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine.evaluation.metrics import Floats, metric
from engine.evaluation.slices import FEWEST_ROWS, MOST_COLUMNS, VALUES_PER_COLUMN, slice_scores


def texts(values: Any) -> Any:
    return np.array(values, dtype=object)


def right_but_for(group: Any, bad: str) -> tuple[Floats, Floats]:
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, len(group)).astype(float)
    right = np.where(group == bad, rng.random(len(group)) < 0.5, rng.random(len(group)) < 0.9)
    p = np.where(right, y, 1 - y) * 0.8 + 0.1
    return y, np.column_stack((1 - p, p))


def test_the_failing_group_is_marked_and_no_other() -> None:
    region = texts(np.random.default_rng(1).choice(["north", "south", "west"], 900))
    y, scores = right_but_for(region, "south")
    found = slice_scores(metric("accuracy"), y, scores, {"region": region}, seed=0)
    assert {s.value for s in found if s.is_weakest} == {"south"}
    assert sum(s.rows for s in found) == 900
    south = next(s for s in found if s.value == "south")
    assert south.score == pytest.approx(
        metric("accuracy").value(y[region == "south"], scores[region == "south"])
    )
    assert south.interval is not None and south.interval.low < south.score < south.interval.high


def test_equal_groups_leave_none_marked() -> None:
    group = texts(["a", "b"] * 300)
    y, scores = right_but_for(group, "nobody")
    assert not any(s.is_weakest for s in slice_scores(metric("accuracy"), y, scores, {"g": group}, seed=0))


def test_missing_is_a_group_and_small_groups_are_not() -> None:
    group = texts([""] * 40 + [None] * 20 + ["many"] * 100 + ["few"] * (FEWEST_ROWS - 1))
    y = np.arange(len(group)) % 2.0
    found = slice_scores(metric("rmse"), y, np.full((len(y), 1), 0.4), {"g": group}, seed=0)
    assert [(s.value, s.rows) for s in found] == [("many", 100), ("", 60)]


def test_the_catalogue_of_slices_is_bounded() -> None:
    rng = np.random.default_rng(2)
    y = rng.normal(size=1000)
    columns = {f"c{i}": texts(rng.choice(list("abcdefghij"), 1000)) for i in range(9)}
    found = slice_scores(metric("mae"), y, np.zeros((1000, 1)), columns, seed=0)
    assert len(found) == MOST_COLUMNS * VALUES_PER_COLUMN


def test_a_group_of_one_class_has_no_ranking() -> None:
    group = texts(["mixed"] * 50 + ["sure"] * 50)
    y = np.append(np.arange(50) % 2.0, np.ones(50))
    p = np.linspace(0, 1, 100)
    found = slice_scores(metric("roc_auc"), y, np.column_stack((1 - p, p)), {"g": group}, seed=0)
    assert [s.value for s in found] == ["mixed"]
