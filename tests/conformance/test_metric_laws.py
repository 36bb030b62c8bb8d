"""Laws every metric keeps: range, direction, finite values, and rows without meaning in their order."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.evaluation import formulas
from engine.evaluation.metrics import METRICS, Floats, Metric, metrics_for
from engine.specs.schema import Task

CASES = [(task, m) for task in ("binary", "multiclass", "regression") for m in metrics_for(task)]
IDS = [f"{task}-{m.name}" for task, m in CASES]


def rows_of(task: Task, seed: int, rows: int = 60) -> tuple[Floats, Floats, Floats]:
    """Targets, perfect scores and noise scores."""
    rng = np.random.default_rng(seed)
    if task == "regression":
        y = rng.normal(3.0, 2.0, rows)
        return y, y[:, None].copy(), rng.normal(3.0, 9.0, (rows, 1))
    classes = 2 if task == "binary" else 4
    y = np.append(np.arange(classes), rng.integers(0, classes, rows - classes)).astype(np.float64)
    noise = rng.random((rows, classes))
    return y, np.eye(classes)[y.astype(int)], noise / noise.sum(axis=1, keepdims=True)


@pytest.mark.parametrize(("task", "m"), CASES, ids=IDS)
def test_perfect_scores_give_the_best_value(task: Task, m: Metric) -> None:
    y, perfect, _ = rows_of(task, 1)
    assert m.value(y, perfect) == pytest.approx(m.best, abs=1e-12)


@pytest.mark.parametrize(("task", "m"), CASES, ids=IDS)
def test_noise_is_worse_than_perfect_and_stays_in_range(task: Task, m: Metric) -> None:
    y, perfect, noise = rows_of(task, 2)
    value = m.value(y, noise)
    assert m.is_better(m.value(y, perfect), value)
    assert min(m.best, m.worst) <= value <= max(m.best, m.worst)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), rows=st.integers(1, 30), only=st.integers(-1, 3))
def test_every_value_is_finite_and_does_not_depend_on_row_order(seed: int, rows: int, only: int) -> None:
    rng = np.random.default_rng(seed)
    for task, m in CASES:
        y, _, noise = rows_of(task, seed, rows=max(rows, 4))
        y, noise = y[-rows:], noise[-rows:]
        if only >= 0:
            y = np.full_like(y, float(only % max(noise.shape[1], 2)))
        order = rng.permutation(len(y))
        value = m.value(y, noise)
        assert math.isfinite(value), m.name
        assert m.value(y[order], noise[order]) == pytest.approx(value, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("m", METRICS, ids=lambda m: m.name)
def test_a_row_is_complete(m: Metric) -> None:
    assert m.formula is getattr(formulas, m.name)
    assert math.isfinite(m.best) and math.isfinite(m.undefined) and m.best != m.worst
    assert m.title and m.help.endswith(".") and m.tasks


def test_names_and_titles_are_unique() -> None:
    assert len({m.name for m in METRICS}) == len({m.title for m in METRICS}) == len(METRICS)
