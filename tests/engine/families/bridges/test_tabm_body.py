"""The nodes do what the formulas of the paper say."""

from __future__ import annotations

import numpy as np
import onnx
import pytest

from engine.families.bridges.number_bins import fit_bins
from engine.families.bridges.tabm_body import Layer, TabmWeights, add_tabm
from engine.families.targets import softmax
from engine.transforms.graph import Graph
from tests.engine.made_rows import by_onnx

MEMBERS, WIDTH, SIZE = 3, 5, 2


def made(outputs: int, bounds: tuple[float, float] | None) -> tuple[TabmWeights, np.ndarray]:
    """A plain number, a binned one and an index of four values."""
    rng = np.random.default_rng(0)
    x = np.column_stack((np.arange(40) % 2, rng.normal(size=40), rng.integers(0, 4, 40))).astype(np.float32)
    bins = fit_bins(x, [0, 1], 6)
    wide = 1 + 2 * SIZE

    def layer(first: bool) -> Layer:
        shape = (wide, MEMBERS) if first else (MEMBERS, WIDTH)
        kernel = rng.normal(size=(wide if first else WIDTH, WIDTH))
        return Layer(
            rng.normal(size=shape),
            kernel,
            rng.normal(size=(MEMBERS, WIDTH)),
            rng.normal(size=(MEMBERS, WIDTH)),
        )

    weights = TabmWeights(
        columns=3,
        cardinalities={2: 4},
        bins=bins,
        table=rng.normal(size=(4, SIZE)),
        slope=rng.normal(size=(1, 1, SIZE)),
        start=rng.normal(size=(1, 1, SIZE)),
        rise=rng.normal(size=(1, bins.bins, SIZE)),
        layers=(layer(True), layer(False)),
        head=rng.normal(size=(MEMBERS, WIDTH, outputs)),
        end=rng.normal(size=(MEMBERS, 1, outputs)),
        bounds=bounds,
    )
    return weights, x


def by_hand(weights: TabmWeights, x: np.ndarray) -> np.ndarray:
    value = x[:, 1:2]
    filled = np.clip((value - weights.bins.low[0]) * weights.bins.factor[0], 0.0, 1.0)
    number = (
        filled @ weights.rise[0] + value / np.sqrt(1 + (value / 3) ** 2) * weights.slope[0] + weights.start[0]
    )
    inputs = np.column_stack((x[:, :1], number, weights.table[x[:, 2].astype(int)]))
    answers = []
    for member in range(MEMBERS):
        hidden = inputs
        for depth, layer in enumerate(weights.layers):
            inward = layer.inward[:, member] if depth == 0 else layer.inward[member]
            hidden = (hidden * inward) @ layer.kernel * layer.outward[member] + layer.bias[member]
            hidden = np.maximum(hidden, 0.0)
        answers.append(hidden @ weights.head[member] + weights.end[member])
    if weights.bounds is None:
        return np.mean([softmax(one) for one in answers], axis=0)
    return np.clip(np.mean(answers, axis=0), *weights.bounds)


@pytest.mark.parametrize(("outputs", "bounds"), [(3, None), (1, (-0.5, 0.5))])
def test_nodes_do_what_the_weights_say(outputs: int, bounds: tuple[float, float] | None) -> None:
    weights, x = made(outputs, bounds)
    graph = Graph()
    features = graph.input("features", onnx.TensorProto.FLOAT, [None, 3])
    graph.output(add_tabm(graph, features, weights), "scores", onnx.TensorProto.FLOAT, [None, outputs])
    assert np.abs(by_onnx(graph.model(), x) - by_hand(weights, x)).max() < 1e-5
