"""Equal training rows are merged, their answers averaged."""

from __future__ import annotations

import time

import numpy as np

from engine.families.base import Budget, TrainingData
from engine.families.bridges.neighbours import fit_neighbours
from tests.engine.made_rows import Rows, by_onnx


def fitted(x: np.ndarray, y: np.ndarray):  # type: ignore[no-untyped-def]
    rows = Rows(x.astype(np.float32), y)
    data = TrainingData(task="regression", outputs=1, train=rows, valid=rows, seed=0, threads=1)
    return fit_neighbours({"neighbours": 3}, data, Budget(5.0, time.monotonic), lambda *_: None)


def test_equal_rows_are_kept_once() -> None:
    x = np.repeat(np.arange(10.0), 30)[:, None]
    model = fitted(x, x[:, 0] * 10 + np.tile([-1.0, 0.0, 1.0], 100))
    assert model.notes["points"] == 10
    asked = np.array([[4.0]], np.float32)
    assert abs(model.predict(asked)[0, 0] - 40.0) < 0.5
    assert abs(by_onnx(model.to_onnx(), asked) - model.predict(asked)).max() < 1e-4


def test_all_rows_equal_answer_their_mean() -> None:
    model = fitted(np.ones((20, 2)), np.arange(20.0))
    assert model.predict(np.zeros((1, 2), np.float32))[0, 0] == 9.5
