"""The nodes do what the weights say."""

from __future__ import annotations

import numpy as np
import onnx

from engine.families.bridges.network_body import NetworkWeights, add_network
from engine.transforms.graph import Graph
from tests.engine.made_rows import by_onnx


def test_numbers_and_embeddings_meet_in_dense_layers() -> None:
    rng = np.random.default_rng(0)
    weights = NetworkWeights(
        columns=3,
        cardinalities={0: 4, 2: 2},
        table=rng.normal(size=(6, 2)),
        layers=((rng.normal(size=(5, 3)), rng.normal(size=3)), (rng.normal(size=(3, 1)), rng.normal(size=1))),
    )
    x = np.array([[3.0, 0.5, 1.0], [0.0, -2.0, 0.0]], np.float32)
    assert weights.table is not None
    joined = np.column_stack(
        (x[:, 1], weights.table[x[:, 0].astype(int)], weights.table[4 + x[:, 2].astype(int)])
    )
    (first, bias), (last, end) = weights.layers
    expected = np.maximum(joined @ first + bias, 0.0) @ last + end
    graph = Graph()
    features = graph.input("features", onnx.TensorProto.FLOAT, [None, 3])
    graph.output(add_network(graph, features, weights), "scores", onnx.TensorProto.FLOAT, [None, 1])
    assert np.abs(by_onnx(graph.model(), x) - expected).max() < 1e-5
