"""A support vector machine draws a round border, and says before training when there are too many rows."""

from __future__ import annotations

import time

import numpy as np

from engine.families.base import Budget, DataShape, TrainingData
from engine.families.svm import FAMILY
from tests.engine.made_rows import Rows


def test_it_separates_a_disc_from_its_ring() -> None:
    x = np.random.default_rng(0).normal(size=(600, 2)).astype(np.float32)
    y = (np.square(x).sum(axis=1) < 1.2).astype(np.float64)
    data = TrainingData(
        task="binary",
        outputs=2,
        train=Rows(x[:300], y[:300]),
        valid=Rows(x[300:], y[300:]),
        seed=0,
        threads=1,
    )
    fitted = FAMILY.build({"cost": 10.0, "reach": 1.0}, data, Budget(20.0, time.monotonic), lambda *_: None)
    assert (fitted.predict(x[300:]).argmax(axis=1) == y[300:]).mean() > 0.95


def test_too_many_rows_are_refused_and_not_proposed() -> None:
    shape = DataShape(rows=50_000, features=10, task="binary", outputs=2)
    reason = FAMILY.refuses(shape, {})
    assert reason is not None
    assert "50,000" in reason
    assert FAMILY.proposes(shape) == ()
