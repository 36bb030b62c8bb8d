"""Trees decide exactly as written, also for features on and beside a threshold, and missing ones."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.families.tree_body import Tree, add_trees, float32_floor
from engine.transforms.graph import Graph
from tests.engine.made_rows import by_onnx


def stump(threshold: float, *, missing_left: bool) -> Tree:
    """Answers 1 where the feature is <= threshold, else 2."""
    return Tree(
        feature=np.array([0, 0, 0]),
        threshold=np.array([threshold, 0.0, 0.0]),
        left=np.array([1, -1, -1]),
        right=np.array([2, -1, -1]),
        missing_left=np.array([missing_left, False, False]),
        values=np.array([[0.0], [1.0], [2.0]]),
    )


def model(*trees: Tree, scale: float = 1.0) -> onnx.ModelProto:
    graph = Graph()
    x = graph.input("features", onnx.TensorProto.FLOAT, [None, 1])
    width = trees[0].values.shape[1]
    graph.output(add_trees(graph, x, trees, scale=scale), "scores", onnx.TensorProto.FLOAT, [None, width])
    return graph.model()


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_the_floor_is_the_largest_float32_not_above(value: float) -> None:
    floor = float32_floor(np.array([value]))[0]
    assert float(floor) <= value
    with np.errstate(over="ignore"):
        assert float(np.nextafter(floor, np.float32(np.inf))) > value


@given(st.floats(min_value=-1e38, max_value=1e38), st.booleans())
def test_a_feature_on_or_beside_a_threshold_is_decided_in_double(
    threshold: float, missing_left: bool
) -> None:
    near = np.float32(threshold)
    x = np.array(
        [near, np.nextafter(near, np.float32(-np.inf)), np.nextafter(near, np.float32(np.inf)), 3e38, -3e38],
        np.float32,
    )[:, None]
    expected = np.where(x.astype(np.float64) <= threshold, 1.0, 2.0)
    assert (by_onnx(model(stump(threshold, missing_left=missing_left)), x) == expected).all()


@pytest.mark.parametrize(("missing_left", "answer"), [(True, 1.0), (False, 2.0)])
def test_a_missing_feature_goes_where_the_tree_sends_it(missing_left: bool, answer: float) -> None:
    x = np.array([[np.nan]], np.float32)
    assert by_onnx(model(stump(0.5, missing_left=missing_left)), x)[0, 0] == answer


def test_trees_are_summed_and_scaled() -> None:
    trees = [stump(0.0, missing_left=True), stump(1.0, missing_left=True)]
    x = np.array([[-1.0], [0.5], [2.0]], np.float32)
    assert by_onnx(model(*trees, scale=0.5), x).ravel().tolist() == [1.0, 1.5, 2.0]


def test_a_tree_that_never_splits_is_its_leaf() -> None:
    leaf = Tree(
        feature=np.array([0]),
        threshold=np.array([0.0]),
        left=np.array([-1]),
        right=np.array([-1]),
        missing_left=np.array([False]),
        values=np.array([[0.25, 0.75]]),
    )
    assert by_onnx(model(leaf), np.zeros((2, 1), np.float32)).tolist() == [[0.25, 0.75]] * 2
