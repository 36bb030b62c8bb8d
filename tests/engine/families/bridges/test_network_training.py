"""Training obeys the clock, keeps the best weights and lets a listener end it."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from engine.errors import WorkFailed
from engine.families.base import Budget, Progress, Pruned, TrainingData
from engine.families.bridges.network_steps import Network, Recipe
from engine.families.bridges.network_training import Training, use_threads
from engine.families.targets import read_target
from tests.engine.made_rows import Rows

pytestmark = pytest.mark.slow

ROWS = 256


def data(noise: float = 0.0) -> TrainingData:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2 * ROWS, 2)).astype(np.float32)
    y = (x[:, 0] - x[:, 1] + noise * rng.normal(size=2 * ROWS)).astype(np.float64)
    train, valid = Rows(x[:ROWS], y[:ROWS]), Rows(x[ROWS:], y[ROWS:])
    return TrainingData(task="regression", outputs=1, train=train, valid=valid, seed=0, threads=1)


def training(
    given: TrainingData, budget: Budget, progress: Progress = lambda *_: None, **recipe: Any
) -> Training:
    weights = tf.Variable(tf.zeros((2, 1)))

    def loss(x: Any, y: Any) -> tuple[Any, Any]:
        mean = tf.reduce_mean(tf.square((x @ weights)[:, 0] - y))
        return mean, mean

    network = Network(
        loss=loss, answer=lambda x: x @ weights, trained=(weights,), kept=(weights,), decayed=(False,)
    )
    chosen = {"batch": 32, "passes": 30, "patience": 30, "learning_rate": 0.05, **recipe}
    return Training(
        network=network,
        recipe=Recipe(**chosen),
        data=given,
        target=read_target(given.train.arrays()[1], "regression", 1),
        budget=budget,
        progress=progress,
    )


def endless() -> Budget:
    return Budget(60.0, lambda: 0.0)


def test_it_learns_and_tells_how_it_goes() -> None:
    shares: list[float] = []
    found = training(data(), endless(), lambda share, *_: shares.append(share))
    found.run()
    assert found.stopped == "converged"
    assert shares == [turn / 30 for turn in range(1, 31)]
    assert found.curve[found.best_turn - 1][2] == min(point[2] for point in found.curve) < 0.05


def test_patience_ends_it_with_the_best_weights() -> None:
    given = data(noise=3.0)
    found = training(given, endless(), patience=2, passes=200, schedule="constant", learning_rate=0.3)
    found.run()
    assert found.stopped == "early"
    x, y = given.valid.arrays()
    kept = float(np.square(found.steps.answer(x)[:, 0] - y).mean())
    assert kept == pytest.approx(min(point[2] for point in found.curve), rel=1e-5)


def test_a_spent_budget_ends_it_after_a_few_steps() -> None:
    found = training(data(), Budget(0.0, lambda: 0.0))
    found.run()
    assert found.stopped == "time"
    assert len(found.curve) == 1


def test_the_schedule_ends_with_the_time() -> None:
    ticks = iter(range(10**6))
    found = training(data(), Budget(60.0, lambda: 0.02 * next(ticks)), passes=1_000, patience=1_000)
    found.run()
    assert found.stopped == "time"
    assert found.curve[-1][2] < 0.5 * found.curve[0][2]


def test_a_listener_may_end_it_and_no_thread_stays() -> None:
    before = threading.active_count()

    def listen(share: float, train: float, valid: float) -> None:
        raise Pruned

    with pytest.raises(Pruned):
        training(data(), endless(), listen).run()
    assert threading.active_count() <= before


def test_a_loss_that_is_no_number_is_told() -> None:
    given = data()
    broken = Rows(given.train.x, np.full(ROWS, np.nan))
    target = read_target(given.valid.arrays()[1], "regression", 1)
    found = training(given, endless(), passes=1)
    found.data = TrainingData(
        task="regression", outputs=1, train=broken, valid=Rows(broken.x[:0], broken.y[:0]), seed=0, threads=1
    )
    found.target = target
    with pytest.raises(WorkFailed, match="no number"):
        found.run()


def test_threads_may_be_asked_for_twice() -> None:
    use_threads(1)
    use_threads(1)
    assert tf.config.threading.get_intra_op_parallelism_threads() >= 0
