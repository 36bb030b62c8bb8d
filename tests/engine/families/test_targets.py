"""The target reaches a library as it wants it, and comes back as the run wants it."""

from __future__ import annotations

import numpy as np
import onnx

from engine.families.targets import Target, class_shares, read_target, sigmoid, softmax, two_columns
from engine.transforms.graph import Graph
from tests.engine.made_rows import by_onnx


def served(target: Target, scores: np.ndarray) -> np.ndarray:
    graph = Graph()
    x = graph.input("features", onnx.TensorProto.FLOAT, [None, target.width])
    graph.output(target.decode_nodes(graph, x), "scores", onnx.TensorProto.FLOAT, [None, target.outputs])
    return by_onnx(graph.model(), scores.astype(np.float32))


def test_values_are_standardised_and_put_back() -> None:
    y = np.array([10.0, 20.0, 60.0])
    target = read_target(y, "regression", 1, standardise=True)
    codes = target.encode(y)
    assert abs(codes.mean()) < 1e-12
    assert np.allclose(target.decode(codes[:, None])[:, 0], y)
    assert np.allclose(served(target, codes[:, None])[:, 0], y, rtol=1e-6)


def test_a_constant_value_is_not_divided_by_zero() -> None:
    target = read_target(np.full(4, 7.0), "regression", 1, standardise=True)
    assert target.encode(np.array([7.0])).tolist() == [0.0]


def test_absent_classes_are_skipped_for_the_library_and_zero_for_the_run() -> None:
    target = read_target(np.array([1.0, 3.0, 3.0]), "multiclass", 5)
    assert target.classes == 2
    assert target.encode(np.array([1.0, 3.0])).tolist() == [0.0, 1.0]
    scores = np.array([[0.25, 0.75]])
    assert target.decode(scores).tolist() == [[0.0, 0.25, 0.0, 0.75, 0.0]]
    assert served(target, scores).tolist() == [[0.0, 0.25, 0.0, 0.75, 0.0]]


def test_a_class_only_validation_rows_hold_gets_a_neighbours_code() -> None:
    target = read_target(np.array([1.0, 3.0]), "multiclass", 5)
    assert target.encode(np.array([0.0, 2.0, 4.0])).tolist() == [0.0, 0.0, 1.0]


def test_probabilities_do_not_overflow() -> None:
    assert sigmoid(np.array([-1e4, 0.0, 1e4])).tolist() == [0.0, 0.5, 1.0]
    assert softmax(np.array([[1e4, 0.0]])).tolist() == [[1.0, 0.0]]
    assert two_columns(np.array([0.25])).tolist() == [[0.75, 0.25]]


def test_class_shares_count_every_class() -> None:
    assert class_shares(np.array([0.0, 0.0, 2.0, 2.0]), 4).tolist() == [0.5, 0.0, 0.5, 0.0]
