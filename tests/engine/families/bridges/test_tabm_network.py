"""The network answers as its body does, and its members differ from the start."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import onnx
import pytest
import tensorflow as tf

from engine.families.bridges.number_bins import fit_bins
from engine.families.bridges.tabm_body import add_tabm
from engine.families.bridges.tabm_network import Plan, TabmNetwork
from engine.transforms.graph import Graph
from tests.engine.made_rows import by_onnx, made_data

pytestmark = pytest.mark.slow

X, Y = made_data("deep", "multiclass").train.arrays()
PLAN = Plan(
    columns=5,
    cardinalities={4: 5},
    bins=fit_bins(X, [0, 1, 2, 3], 8),
    members=4,
    layers=2,
    width=16,
    embedding=3,
    outputs=3,
    bounds=None,
    batch=len(X),
)


@pytest.mark.parametrize("changed", [{}, {"outputs": 1, "bounds": (-0.1, 0.1)}, {"layers": 1, "members": 1}])
def test_it_answers_as_its_body(changed: dict[str, Any]) -> None:
    plan = replace(PLAN, **changed)
    network = TabmNetwork(plan, seed=0)
    graph = Graph()
    features = graph.input("features", onnx.TensorProto.FLOAT, [None, 5])
    scores = add_tabm(graph, features, network.weights())
    graph.output(scores, "scores", onnx.TensorProto.FLOAT, [None, plan.outputs])
    native = network.answer(tf.constant(X)).numpy()
    assert np.abs(native - by_onnx(graph.model(), X)).max() < 1e-5


def test_inputs_are_counted() -> None:
    assert PLAN.plain == []
    assert PLAN.inputs == 5 * 3


@pytest.mark.parametrize("dial", ["dropout", "smoothing", "mixup"])
def test_every_dial_changes_what_is_lessened(dial: str) -> None:
    x, y = tf.constant(X), tf.constant(Y, tf.float32)

    def loss(plan: Plan) -> float:
        return float(TabmNetwork(plan, seed=0).network().loss(x, y)[0])

    assert loss(PLAN) == loss(PLAN)
    assert loss(replace(PLAN, **{dial: 0.5})) != loss(PLAN)


def test_weights_decay_and_scales_do_not() -> None:
    network = TabmNetwork(PLAN, seed=0).network()
    assert sum(network.decayed) == 6
    assert len(network.decayed) == len(network.trained) == 14
