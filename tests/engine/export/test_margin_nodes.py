"""The file's bounds are Python's, bit for bit, whatever is predicted."""

from __future__ import annotations

import numpy as np
import onnxruntime
import pytest
from onnx import TensorProto

from engine.evaluation.margins import bounds_of
from engine.export.margin_nodes import add_bounds
from engine.specs.margins import Margins
from engine.transforms.graph import Graph

EDGES = np.sort(np.random.default_rng(0).normal(0.0, 1e3, 7).astype(np.float32))


def margins(bands: int, floor: float | None) -> Margins:
    rng = np.random.default_rng(bands)
    below, above = (tuple(rng.exponential(10.0, bands).astype(np.float32).tolist()) for _ in range(2))
    edges = tuple(EDGES[: bands - 1].tolist())
    return Margins(level=0.9, edges=edges, below=below, above=above, rows=900, floor=floor)


@pytest.mark.parametrize("floor", [None, 0.0])
@pytest.mark.parametrize("bands", [1, 2, 8])
def test_bounds_are_the_same_to_the_bit(bands: int, floor: float | None) -> None:
    wanted = margins(bands, floor)
    graph = Graph()
    prediction = graph.input("prediction", TensorProto.FLOAT, ["N", 1])
    for name, tensor in zip(("lower", "upper"), add_bounds(graph, prediction, wanted), strict=True):
        graph.output(tensor, name, TensorProto.FLOAT, ["N", 1])
    session = onnxruntime.InferenceSession(graph.model().SerializeToString())

    beside = [np.nextafter(EDGES, np.float32(way)) for way in (-np.inf, np.inf)]
    hostile = np.float32([0.0, -0.0, np.nan, np.inf, -np.inf, 3e38, -3e38, 1e-45, -5.0])
    many = np.random.default_rng(1).normal(0.0, 1e3, 500).astype(np.float32)
    for answers in (np.concatenate([EDGES, *beside, hostile, many]), EDGES[:1], EDGES[:0]):
        received = np.hstack(session.run(None, {"prediction": answers[:, None]}))
        np.testing.assert_array_equal(received, bounds_of(answers[:, None], wanted))
