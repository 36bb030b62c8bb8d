"""Nearest neighbours answer by example, and say before training when there are too many."""

from __future__ import annotations

import time

import numpy as np

from engine.families.base import Budget, DataShape, TrainingData
from engine.families.nearest_neighbours import FAMILY
from tests.engine.made_rows import Rows, by_onnx


def test_two_far_groups_answer_for_themselves() -> None:
    x = np.concatenate((np.arange(20), np.arange(1000, 1020))).astype(np.float32)[:, None]
    y = np.repeat([0.0, 1.0], 20)
    data = TrainingData(task="binary", outputs=2, train=Rows(x, y), valid=Rows(x, y), seed=0, threads=1)
    fitted = FAMILY.build({"neighbours": 5}, data, Budget(5.0, time.monotonic), lambda *_: None)
    assert fitted.predict(np.array([[3.0], [1010.0]], np.float32)).argmax(axis=1).tolist() == [0, 1]


def test_ties_do_not_matter() -> None:
    """Rows on a grid have many equally far neighbours: which come first must not matter."""
    grid = np.stack(np.meshgrid(np.arange(8), np.arange(8)), axis=-1).reshape(-1, 2).astype(np.float32)
    y = np.random.default_rng(0).integers(0, 2, 64).astype(np.float64)
    data = TrainingData(task="binary", outputs=2, train=Rows(grid, y), valid=Rows(grid, y), seed=0, threads=1)
    fitted = FAMILY.build({"neighbours": 6}, data, Budget(5.0, time.monotonic), lambda *_: None)
    asked = grid + np.float32(0.5)
    assert np.abs(fitted.predict(asked) - by_onnx(fitted.to_onnx(), asked)).max() < 1e-5


def test_too_many_rows_are_refused() -> None:
    shape = DataShape(rows=1_000_000, features=10, task="binary", outputs=2)
    reason = FAMILY.refuses(shape, {})
    assert reason is not None
    assert "1,000,000 rows" in reason
    assert FAMILY.proposes(shape) == ()


def test_how_many_count_is_found_on_validation_rows() -> None:
    """Pure noise wants many neighbours, a sharp border few."""
    rng = np.random.default_rng(0)
    x = rng.uniform(size=(600, 2)).astype(np.float32)
    sharp = ((x[:, 0] * 8).astype(int) % 2).astype(np.float64)
    noise = rng.integers(0, 2, 600).astype(np.float64)
    found = {}
    for name, y in (("sharp", sharp), ("noise", noise)):
        data = TrainingData(
            task="binary", outputs=2, train=Rows(x[:400], y[:400]), valid=Rows(x[400:], y[400:]),
            seed=0, threads=1,
        )  # fmt: skip
        fitted = FAMILY.build({"neighbours": 0}, data, Budget(5.0, time.monotonic), lambda *_: None)
        found[name] = fitted.notes["neighbours"]
        assert np.abs(fitted.predict(x[:50]) - by_onnx(fitted.to_onnx(), x[:50])).max() < 1e-5
    assert found["sharp"] <= 8 < found["noise"]
