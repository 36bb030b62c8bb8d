"""Several networks in one: members share their weights and differ in what scales inputs and outputs of each layer.

Source: Gorishniy, Kotelnikov & Babenko, TabM: Advancing Tabular Deep Learning with Parameter-Efficient Ensembling,
ICLR 2025.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf

from engine.families.base import Floats
from engine.families.bridges.network_steps import Network
from engine.families.bridges.number_bins import NumberBins
from engine.families.bridges.tabm_body import Layer, TabmWeights

#: Outputs up to which one large product is cheaper than one for each member.
_FEW_OUTPUTS = 4
#: Patterns of silent neurons beyond those that one batch needs.
_SPARE_PATTERNS = 2_048


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What the network is made of.

    columns: width F of its input.   cardinalities: of the columns that hold an index.   bins: of its numbers.
    embedding: numbers that a binned number or a category becomes.   outputs: classes, or 1 for a value.
    bounds: least and greatest value it may answer (regression); None for classes.
    dropout, smoothing, mixup: shares (0–1).   batch: rows of a step.
    """

    columns: int
    cardinalities: Mapping[int, int]
    bins: NumberBins
    members: int
    layers: int
    width: int
    embedding: int
    outputs: int
    bounds: tuple[float, float] | None
    dropout: float = 0.0
    smoothing: float = 0.0
    mixup: float = 0.0
    batch: int = 256

    @property
    def plain(self) -> list[int]:
        """Positions of the numbers that enter as they are."""
        return [i for i in range(self.columns) if i not in self.cardinalities and i not in self.bins.columns]

    @property
    def inputs(self) -> int:
        """Numbers that enter the first layer."""
        embedded = len(self.bins.columns) + len(self.cardinalities)
        return len(self.plain) + embedded * self.embedding


class TabmNetwork:
    """The variables and what is computed with them; rows are (batch, F), members lie beside each other."""

    def __init__(self, plan: Plan, seed: int) -> None:
        self.plan = plan
        self._rng = np.random.default_rng(seed)
        self._made: list[Any] = []
        self._decayed: list[bool] = []
        numbers, size = len(plan.bins.columns), plan.embedding
        self._table = self._uniform((sum(plan.cardinalities.values()), size), 0.3, decays=True)
        self._slope = self._uniform((numbers, 1, size), 1.0, decays=True)
        self._start = self._uniform((numbers, 1, size), 1.0)
        self._rise = self._made_of(np.zeros((numbers, plan.bins.bins, size)), decays=True)
        self._layers = [self._layer(depth) for depth in range(plan.layers)]
        edge = 1.0 / math.sqrt(plan.width)
        self._head = self._uniform((plan.members, plan.width, plan.outputs), edge, decays=True)
        self._end = self._uniform((plan.members, 1, plan.outputs), edge)
        beside = (plan.batch + _SPARE_PATTERNS, plan.members * plan.width) if plan.dropout else (0, 0)
        drawn = self._rng.random(beside, np.float32) >= plan.dropout
        self._patterns = tf.Variable(drawn.astype(np.uint8), trainable=False)
        self._drawn = tf.Variable(np.array([seed, 0], np.int32), trainable=False)

    def network(self) -> Network:
        """Return it as what is trained."""
        return Network(
            loss=self._loss,
            answer=self.answer,
            trained=tuple(self._made),
            kept=tuple(self._made),
            decayed=tuple(self._decayed),
        )

    def answer(self, x: Any) -> Any:
        """Return probabilities (rows, classes), the mean of the members', or their mean value (rows, 1)."""
        members = self._members(self._inputs(x), is_training=False)
        if self.plan.bounds is None:
            return tf.reduce_mean(tf.nn.softmax(members), axis=0)
        return tf.clip_by_value(tf.reduce_mean(members, axis=0), *self.plan.bounds)

    def weights(self) -> TabmWeights:
        """Return the weights in numpy, as the ONNX body wants them."""
        plan = self.plan
        return TabmWeights(
            columns=plan.columns,
            cardinalities=dict(plan.cardinalities),
            bins=plan.bins,
            table=self._table.numpy(),
            slope=self._slope.numpy(),
            start=self._start.numpy(),
            rise=self._rise.numpy(),
            layers=tuple(
                Layer(*(one.numpy() for one in (layer.inward, layer.kernel, layer.outward, layer.bias)))
                for layer in self._layers
            ),
            head=self._head.numpy(),
            end=self._end.numpy(),
            bounds=plan.bounds,
        )

    def _loss(self, x: Any, y: Any) -> tuple[Any, Any]:
        """Return the mean over rows and members of each member's own loss."""
        inputs = self._inputs(x)
        if not self.plan.mixup:
            return self._member_loss(self._members(inputs, is_training=True), y)
        stays = 1.0 - self.plan.mixup * tf.random.stateless_uniform((), self._seed())
        mixed = stays * inputs + (1.0 - stays) * tf.roll(inputs, 1, axis=0)
        members = self._members(mixed, is_training=True)
        own, other = self._member_loss(members, y), self._member_loss(members, tf.roll(y, 1, axis=0))
        return stays * own[0] + (1.0 - stays) * other[0], own[1]

    def _member_loss(self, members: Any, y: Any) -> tuple[Any, Any]:
        if self.plan.bounds is not None:
            mean = tf.reduce_mean(tf.square(members[:, :, 0] - y))
            return mean, mean
        logs = tf.nn.log_softmax(members)
        chosen = tf.one_hot(tf.cast(y, tf.int32), self.plan.outputs)
        plain = -tf.reduce_mean(tf.reduce_sum(logs * chosen, axis=-1))
        even = -tf.reduce_mean(logs)
        return (1.0 - self.plan.smoothing) * plain + self.plan.smoothing * even, plain

    def _inputs(self, x: Any) -> Any:
        """Return what enters the first layer (rows, D): plain numbers, embedded numbers, embedded categories."""
        plan, parts = self.plan, []
        if plan.plain:
            parts.append(tf.gather(x, plan.plain, axis=1))
        if plan.bins.columns:
            parts.append(self._numbers(tf.gather(x, plan.bins.columns, axis=1)))
        if plan.cardinalities:
            columns = sorted(plan.cardinalities)
            sizes = [plan.cardinalities[column] for column in columns]
            offsets = np.concatenate(([0], np.cumsum(sizes)[:-1])).astype(np.int32)
            index = tf.cast(tf.gather(x, columns, axis=1), tf.int32) + offsets
            parts.append(tf.reshape(tf.gather(self._table, index), (-1, len(columns) * plan.embedding)))
        return tf.concat(parts, axis=1)

    def _numbers(self, x: Any) -> Any:
        bins, plan = self.plan.bins, self.plan
        value = tf.transpose(x)[:, :, None]
        filled = tf.clip_by_value((value - bins.low[:, None, :]) * bins.factor[:, None, :], 0.0, 1.0)
        # Far values bend towards a bound: one row must not throw the network off its feet.
        bent = value * tf.math.rsqrt(1.0 + tf.square(value / 3.0))
        embedded = tf.matmul(filled, self._rise) + bent * self._slope + self._start
        return tf.reshape(tf.transpose(embedded, (1, 0, 2)), (-1, len(bins.columns) * plan.embedding))

    def _members(self, inputs: Any, *, is_training: bool) -> Any:
        """Return each member's answer (members, rows, outputs): logits or standardised values."""
        plan = self.plan
        beside = plan.members * plan.width
        hidden = inputs
        for depth, layer in enumerate(self._layers):
            if depth == 0:
                # Members' own kernels are cheaper than members' own rows: rows of a batch outnumber columns.
                own = layer.inward[:, :, None] * layer.kernel[:, None, :]
                hidden = tf.matmul(hidden, tf.reshape(own, (-1, beside)))
            else:
                scaled = tf.reshape(hidden * tf.reshape(layer.inward, (beside,)), (-1, plan.width))
                hidden = tf.reshape(tf.matmul(scaled, layer.kernel), (-1, beside))
            hidden = hidden * tf.reshape(layer.outward, (beside,)) + tf.reshape(layer.bias, (beside,))
            hidden = tf.nn.relu(hidden)
            if is_training and plan.dropout:
                hidden *= self._silence()
        return self._answers(hidden)

    def _answers(self, hidden: Any) -> Any:
        """Return (members, rows, outputs) of hidden (rows, members x width)."""
        plan = self.plan
        if plan.outputs <= _FEW_OUTPUTS:
            # One product with zeros between members takes less than as many small ones.
            apart = np.eye(plan.members, dtype=np.float32)[:, None, :, None]
            wide = tf.reshape(self._head[:, :, None, :] * apart, (plan.members * plan.width, -1))
            flat = tf.reshape(tf.matmul(hidden, wide), (-1, plan.members, plan.outputs))
            return tf.transpose(flat, (1, 0, 2)) + self._end
        members = tf.transpose(tf.reshape(hidden, (-1, plan.members, plan.width)), (1, 0, 2))
        return tf.matmul(members, self._head) + self._end

    def _silence(self) -> Any:
        """Return (batch, members x width): 0 for neurons that are silent, a little more than 1 for the others.

        Which are silent was drawn once, for more rows than a batch has: drawing anew took a third of a step.
        """
        start = tf.random.stateless_uniform((), self._seed(), maxval=_SPARE_PATTERNS, dtype=tf.int32)
        chosen = tf.slice(self._patterns, (start, 0), (self.plan.batch, self._patterns.shape[1]))
        return tf.cast(chosen, tf.float32) / (1.0 - self.plan.dropout)

    def _layer(self, depth: int) -> Any:
        plan = self.plan
        wide = plan.inputs if depth == 0 else plan.width
        edge = 1.0 / math.sqrt(wide)
        shape = (wide, plan.members) if depth == 0 else (plan.members, wide)
        # Signs by lot set members apart from the start; later layers begin alike.
        signs = self._rng.choice((-1.0, 1.0), shape) if depth == 0 else np.ones(shape)
        return Layer(
            inward=self._made_of(signs),
            kernel=self._uniform((wide, plan.width), edge, decays=True),
            outward=self._made_of(np.ones((plan.members, plan.width))),
            bias=self._uniform((plan.members, plan.width), edge),
        )

    def _uniform(self, shape: tuple[int, ...], edge: float, *, decays: bool = False) -> Any:
        return self._made_of(self._rng.uniform(-edge, edge, shape), decays=decays)

    def _made_of(self, values: Floats | Any, *, decays: bool = False) -> Any:
        variable = tf.Variable(values.astype(np.float32))
        if variable.shape.num_elements():
            self._made.append(variable)
            self._decayed.append(decays)
        return variable

    def _seed(self) -> Any:
        return self._drawn.assign_add((0, 1)).read_value()
