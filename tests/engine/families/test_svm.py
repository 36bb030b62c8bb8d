"""A support vector machine draws a round border, and says before training when there are too many rows."""

from __future__ import annotations

import time

import numpy as np

from engine.families.base import FINDING_S, Budget, DataShape, TrainingData
from engine.families.sampling import log_loss
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


def test_cost_and_reach_are_found_on_validation_rows() -> None:
    """A border that turns back and forth: the usual reach smooths it away."""
    rng = np.random.default_rng(0)
    x = rng.uniform(-3.0, 3.0, (900, 2)).astype(np.float32)
    y = (np.sin(3.0 * x[:, 0]) > x[:, 1] / 3.0).astype(np.float64)
    data = TrainingData(
        task="binary", outputs=2, train=Rows(x[:500], y[:500]), valid=Rows(x[500:700], y[500:700]),
        seed=0, threads=1,
    )  # fmt: skip
    open_dials = {"cost": 0.0, "reach": 0.0}
    found = FAMILY.build(open_dials, data, Budget(20.0, time.monotonic), lambda *_: None)
    usual = FAMILY.build({"cost": 1.0, "reach": 1.0}, data, Budget(20.0, time.monotonic), lambda *_: None)
    losses = [log_loss(y[700:], fitted.predict(x[700:])) for fitted in (found, usual)]
    assert losses[0] < 0.7 * losses[1]
    assert found.notes["reach"] < 1.0 and 0.0 < found.notes[FINDING_S] < 20.0
    half = FAMILY.build({"cost": 0.0, "reach": 1.0}, data, Budget(20.0, time.monotonic), lambda *_: None)
    assert half.notes["reach"] == 1.0


def test_without_time_or_rows_to_judge_the_usual_ones_are_taken() -> None:
    x = np.random.default_rng(0).normal(size=(200, 2)).astype(np.float32)
    y = (x[:, 0] > 0).astype(np.float64)
    for valid, seconds in ((Rows(x[:0], y[:0]), 20.0), (Rows(x, y), 0.0)):
        data = TrainingData(task="binary", outputs=2, train=Rows(x, y), valid=valid, seed=0, threads=1)
        fitted = FAMILY.build(
            {"cost": 0.0, "reach": 0.0}, data, Budget(seconds, time.monotonic), lambda *_: None
        )
        assert (fitted.notes["cost"], fitted.notes["reach"]) == (1.0, 1.0)
