"""One graph walks the batches of a block: it learns, follows its schedule and restores its state."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from engine.families.bridges.network_feed import Block
from engine.families.bridges.network_steps import Network, Recipe, Steps

pytestmark = pytest.mark.slow

ROWS, BATCH = 64, 16


def made(compiled: bool = False, schedule: str = "constant", **more: Any) -> tuple[Steps, Any, Block]:
    """A line through made points: y = 3 x0 - 2 x1."""
    weights = tf.Variable(tf.zeros((2, 1)))

    def loss(x: Any, y: Any) -> tuple[Any, Any]:
        mean = tf.reduce_mean(tf.square((x @ weights)[:, 0] - y))
        return mean, mean

    network = Network(
        loss=loss, answer=lambda x: x @ weights, trained=(weights,), kept=(weights,), decayed=(True,)
    )
    recipe = Recipe(
        batch=BATCH, passes=1, patience=1, learning_rate=0.1, schedule=schedule, compiled=compiled, **more
    )
    x = np.random.default_rng(0).normal(size=(ROWS, 2)).astype(np.float32)
    y = x @ np.array([3.0, -2.0], np.float32)
    order = tf.range(ROWS)
    return (
        Steps(network, recipe, (2,)),
        weights,
        Block(x=tf.constant(x), y=tf.constant(y), order=order, batches=4),
    )


@pytest.mark.parametrize("compiled", [False, True])
def test_steps_lessen_the_loss(compiled: bool) -> None:
    steps, weights, block = made(compiled, weight_decay=0.0)
    losses = [steps.learn(block, 0, 4, 0, 1) for _ in range(60)]
    assert losses[-1] < 1e-3 * losses[0]
    assert weights.numpy()[:, 0] == pytest.approx([3.0, -2.0], abs=0.05)


def test_compiled_steps_are_the_same_steps() -> None:
    plain, compiled = made(False), made(True)
    for steps, _, block in (plain, compiled):
        steps.learn(block, 0, 3, 0, 10)
    assert plain[1].numpy() == pytest.approx(compiled[1].numpy(), abs=1e-6)


@pytest.mark.parametrize("schedule", ["cosine", "exponential"])
def test_stretches_are_the_same_as_one_walk(schedule: str) -> None:
    """How fast the machine is decides on the stretches: to the last bit, it must not decide on the model."""
    whole, parts = made(schedule=schedule, average=0.3), made(schedule=schedule, average=0.3)
    total = 37 * 4
    for turn in range(37):
        whole[0].learn(whole[2], 0, 4, turn * 4, total)
        for first, count in ((0, 1), (1, 2), (3, 1)):
            parts[0].learn(parts[2], first, count, turn * 4 + first, total)
    assert (whole[1].numpy() == parts[1].numpy()).all()
    with whole[0].averaged(), parts[0].averaged():
        assert (whole[1].numpy() == parts[1].numpy()).all()


@pytest.mark.parametrize("schedule", ["cosine", "exponential"])
def test_the_last_steps_are_small(schedule: str) -> None:
    def moved(done: int) -> float:
        steps, weights, block = made(schedule=schedule)
        steps.learn(block, 0, 1, done, 10)
        return float(np.abs(weights.numpy()).max())

    assert moved(10) < 0.05 * moved(1)


def test_long_gradients_are_cut_and_weights_shrink() -> None:
    steps, weights, block = made(clip_norm=1e-12, weight_decay=0.5)
    weights.assign([[10.0], [10.0]])
    steps.learn(block, 0, 1, 0, 1)
    assert weights.numpy()[:, 0] == pytest.approx([9.5, 9.5], abs=0.11)


def test_a_state_can_be_restored() -> None:
    steps, weights, block = made()
    state = steps.state()
    before = steps.answer(np.ones((3, 2), np.float32))
    steps.learn(block, 0, 4, 0, 1)
    assert (steps.answer(np.ones((3, 2), np.float32)) != before).all()
    steps.restore(state)
    assert (steps.answer(np.ones((3, 2), np.float32)) == before).all()
    assert weights.shape == (2, 1)
