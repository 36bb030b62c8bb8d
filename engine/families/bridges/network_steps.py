"""Steps of gradient descent that one TensorFlow graph walks by itself, block by block."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import tensorflow as tf

from engine.families.base import Floats
from engine.families.bridges.network_feed import Block
from engine.families.fitted import Doubles

_BETA_1 = 0.9
_EPSILON = 1e-7
_WARM_UP = 0.05

Schedule = Literal["cosine", "exponential", "constant"]


@dataclass(frozen=True, kw_only=True)
class Network:
    """What is trained, as functions that a graph can be made of.

    loss: (x (batch, *sample), y (batch,)) → the loss to lessen, and the plain one to tell; with dropout and the like.
    answer: x (rows, *sample) → probabilities (rows, classes) or values (rows, 1), as it is served.
    trained: variables that gradients change.   kept: all variables that the best state consists of.
    decayed: those of `trained` that weight decay shrinks.
    """

    loss: Callable[[Any, Any], tuple[Any, Any]]
    answer: Callable[[Any], Any]
    trained: tuple[Any, ...]
    kept: tuple[Any, ...]
    decayed: tuple[bool, ...]


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How it is trained: AdamW (Loshchilov & Hutter 2019) with a warm-up and a schedule.

    batch: rows of a step.   clip_norm: longest gradient per variable; 0 cuts none.   compiled: steps are compiled
    by XLA, which takes seconds and makes each step cheaper.   average: the share of all steps over which weights are
    averaged before they are judged and kept; 0 takes them as they are.   rows_per_turn: rows between two looks at
    the validation rows, where one pass over the data is longer.   answer_rows: rows answered at a time.
    keeps_end: the weights at the end of the schedule are kept rather than those of least loss on the way, unless they
    tell fewer validation rows right.
    """

    batch: int
    passes: int
    patience: int
    learning_rate: float
    schedule: Schedule = "cosine"
    clip_norm: float = 1.0
    weight_decay: float = 1e-4
    beta_2: float = 0.999
    compiled: bool = False
    average: float = 0.0
    rows_per_turn: int = 500_000
    answer_rows: int = 4_096
    keeps_end: bool = False


@dataclass
class Steps:
    """The graph of one network: it learns from blocks, answers, and keeps and restores its state.

    sample_shape: of one row: (F,) of floats, or that of a picture, whose values are bytes.
    """

    network: Network
    recipe: Recipe
    sample_shape: tuple[int, ...]
    _first: list[Any] = field(init=False)
    _second: list[Any] = field(init=False)

    def __post_init__(self) -> None:
        self._first = [tf.Variable(tf.zeros_like(one), trainable=False) for one in self.network.trained]
        self._second = [tf.Variable(tf.zeros_like(one), trainable=False) for one in self.network.trained]
        self._count = tf.Variable(0.0, trainable=False)
        kept = self.network.kept if self.recipe.average else ()
        self._means = [tf.Variable(one, trainable=False) for one in kept]
        step = tf.function(self._step, jit_compile=True) if self.recipe.compiled else self._step
        rows = tf.TensorSpec(
            (None, *self.sample_shape), tf.float32 if len(self.sample_shape) == 1 else tf.uint8
        )
        whole = tf.TensorSpec((), tf.int32)
        order = tf.TensorSpec((None,), tf.int32)

        def walk(x: Any, y: Any, order: Any, first: Any, end: Any, done: Any, steps: Any) -> Any:
            batch = self.recipe.batch
            per_step = 1.0 / tf.cast(steps, tf.float32)

            def one(position: Any, told: Any) -> tuple[Any, Any]:
                chosen = tf.ensure_shape(order[position * batch : (position + 1) * batch], (batch,))
                # Of whole numbers: the same however the clock cuts the walk into stretches.
                rate = self._rate(tf.cast(done + position - first, tf.float32) * per_step)
                loss = step(tf.gather(x, chosen), tf.gather(y, chosen), rate)
                self._follow(per_step)
                return position + 1, told + tf.cast(loss, tf.float64)

            return tf.while_loop(
                lambda position, _: position < end,
                one,
                (first, tf.constant(0.0, tf.float64)),
                parallel_iterations=1,
            )[1]

        self._walk = tf.function(
            walk,
            input_signature=[rows, tf.TensorSpec((None,), tf.float32), order, whole, whole, whole, whole],
        )
        self._answer = tf.function(self.network.answer, input_signature=[rows])

    def learn(self, block: Block, first: int, count: int, done: int, steps: int) -> float:
        """Take `count` steps from batch `first` of `block` on and return the sum of their losses.

        done: steps taken before.   steps: those that the schedule is laid over, at least 1.
        """
        told = self._walk(
            block.x,
            block.y,
            block.order,
            tf.constant(first),
            tf.constant(first + count),
            tf.constant(done),
            tf.constant(steps),
        )
        return float(told)

    def answer(self, x: Floats) -> Doubles:
        """Return the network's answer (rows, width) for x (rows, *sample)."""
        size = self.recipe.answer_rows
        parts = [
            self._answer(tf.constant(x[start : start + size])).numpy() for start in range(0, len(x), size)
        ]
        return np.concatenate(parts).astype(np.float64)

    def state(self) -> list[Floats]:
        """Return a copy of everything that the network consists of."""
        return [one.numpy() for one in self.network.kept]

    def restore(self, state: list[Floats]) -> None:
        """Bring back what `state` returned."""
        for one, value in zip(self.network.kept, state, strict=True):
            one.assign(value)

    @contextlib.contextmanager
    def averaged(self) -> Iterator[None]:
        """Have the network answer by its averaged weights meanwhile, where the recipe averages."""
        if not self._means:
            yield
            return
        latest = self.state()
        self.restore([one.numpy() for one in self._means])
        try:
            yield
        finally:
            self.restore(latest)

    def _follow(self, per_step: Any) -> None:
        """Move the averages towards the weights: an exponential mean, over fewer steps as long as there are few."""
        if not self._means:
            return
        kept = tf.minimum(1.0 - per_step / self.recipe.average, (1.0 + self._count) / (10.0 + self._count))
        for mean, one in zip(self._means, self.network.kept, strict=True):
            mean.assign_sub((1.0 - kept) * (mean - one))

    def _rate(self, share: Any) -> Any:
        recipe = self.recipe
        done = tf.clip_by_value(share, 0.0, 1.0)
        if recipe.schedule == "constant":
            return tf.constant(recipe.learning_rate)
        if recipe.schedule == "exponential":
            return recipe.learning_rate * tf.pow(0.01, done)
        warm = tf.minimum(1.0, 0.02 + done / _WARM_UP)
        return recipe.learning_rate * warm * (0.01 + 0.99 * 0.5 * (1.0 + tf.cos(math.pi * done)))

    def _step(self, x: Any, y: Any, rate: Any) -> Any:
        recipe, network = self.recipe, self.network
        with tf.GradientTape() as tape:
            loss, told = network.loss(x, y)
        gradients = tape.gradient(loss, network.trained)
        count = self._count.assign_add(1.0)
        powers = tf.pow(_BETA_1, count), tf.pow(recipe.beta_2, count)
        for variable, first, second, decays, raw in zip(
            network.trained, self._first, self._second, network.decayed, gradients, strict=True
        ):
            # Look-ups give sparse gradients; the tables are small and AdamW moves every row anyway.
            gradient = tf.convert_to_tensor(raw)
            if recipe.clip_norm:
                length = tf.sqrt(2.0 * tf.nn.l2_loss(gradient))
                gradient *= recipe.clip_norm / tf.maximum(length, recipe.clip_norm)
            if decays and recipe.weight_decay:
                variable.assign_sub(variable * (rate * recipe.weight_decay))
            # One fused operation per variable; Keras' own optimiser takes a dozen.
            tf.raw_ops.ResourceApplyAdam(
                var=variable.handle,
                m=first.handle,
                v=second.handle,
                beta1_power=powers[0],
                beta2_power=powers[1],
                lr=rate,
                beta1=_BETA_1,
                beta2=recipe.beta_2,
                epsilon=_EPSILON,
                grad=gradient,
            )
        return told
