"""Permutation importance finds the column that matters, bounds its rows, and stops when time is spent."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from engine.evaluation.importance import MOST_ROWS, Predict, permutation_importance
from engine.evaluation.metrics import Floats, metric
from engine.families.base import Budget


def rows_of(count: int) -> tuple[pa.RecordBatch, Floats]:
    rng = np.random.default_rng(0)
    signal, noise = rng.normal(size=count), rng.normal(size=count)
    names = rng.choice(["x", "y"], count)
    batch = pa.RecordBatch.from_pydict({"noise": noise, "signal": signal, "name": names})
    return batch, signal * 3.0 + (names == "x")


def predict(batch: pa.RecordBatch) -> Floats:
    column = batch.column("signal").to_numpy() * 3.0
    is_x = np.array(batch.column("name").to_pylist()) == "x"
    return np.asarray((column + is_x)[:, None], dtype=np.float64)


def measure(answer: Predict, count: int, budget: Budget, seed: int = 0) -> list[tuple[str, float]]:
    batch, y = rows_of(count)
    found = permutation_importance(answer, batch, y, metric=metric("rmse"), budget=budget, seed=seed)
    return [(c.column, c.loss) for c in found.columns]


def still() -> float:
    return 0.0


def test_columns_come_by_loss_and_unread_ones_lose_nothing() -> None:
    found = measure(predict, 600, Budget(1.0, still))
    assert [name for name, _ in found] == ["signal", "name", "noise"]
    assert found[0][1] == pytest.approx(3 * np.sqrt(2), rel=0.1)
    assert found[2][1] == 0.0


def test_rows_are_bounded_and_the_seed_decides() -> None:
    sizes = set()

    def watched(batch: pa.RecordBatch) -> Floats:
        sizes.add(batch.num_rows)
        return predict(batch)

    first = measure(watched, 3 * MOST_ROWS, Budget(1.0, still), seed=3)
    assert sizes == {MOST_ROWS}
    assert first == measure(predict, 3 * MOST_ROWS, Budget(1.0, still), seed=3)


def test_spent_time_costs_repeats_first_and_columns_last() -> None:
    batch, y = rows_of(100)
    now = [0.0]

    def slow(rows: pa.RecordBatch) -> Floats:
        now[0] += 1.0
        return predict(rows)

    def run(seconds: float) -> tuple[int, tuple[str, ...]]:
        now[0] = 0.0
        budget = Budget(seconds, lambda: now[0])
        found = permutation_importance(slow, batch, y, metric=metric("rmse"), budget=budget, seed=0)
        return found.repeats, found.unmeasured

    assert run(100.0) == (3, ())
    assert run(6.0) == (1, ())
    assert run(2.0) == (1, ("signal", "name"))
    assert run(0.5) == (0, ("noise", "signal", "name"))
