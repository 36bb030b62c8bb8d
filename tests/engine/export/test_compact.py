"""Trees written the smaller way answer as before, to the bit; what that way cannot say stays as it is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, checker

from engine.export.compact import compact_trees
from engine.families.tree_body import Tree, add_trees
from engine.transforms.graph import ML_DOMAIN, Graph

COLUMNS = 6


def grown(rng: np.random.Generator, depth: int, values: npt.NDArray[np.float64]) -> Tree:
    """Return a whole tree of `depth`, its nodes by levels.   values: (2 ** (depth + 1) - 1, K)."""
    count, branches = 2 ** (depth + 1) - 1, 2**depth - 1
    places = np.arange(count)
    is_leaf = places >= branches
    return Tree(
        feature=rng.integers(0, COLUMNS, count),
        threshold=rng.normal(size=count),
        left=np.where(is_leaf, -1, 2 * places + 1),
        right=np.where(is_leaf, -1, 2 * places + 2),
        missing_left=rng.random(count) < 0.5,
        values=values,
    )


def forest(outputs: int, kind: str, depths: Sequence[int] = (3, 0, 5, 4)) -> onnx.ModelProto:
    """Return trees of which each adds to one output ("one"), to all ("all"), or to two in turn ("mirrored")."""
    rng = np.random.default_rng(7)
    trees = []
    for number, depth in enumerate(depths):
        values = rng.normal(size=(2 ** (depth + 1) - 1, outputs))
        if kind == "one":
            values[:, np.arange(outputs) != number % outputs] = 0.0
        if kind == "mirrored":
            values[:, 1] = 1.0 - values[:, 0]
        trees.append(grown(rng, depth, values))
    graph = Graph()
    x = graph.input("x", TensorProto.FLOAT, ["N", COLUMNS])
    scores = add_trees(graph, x, trees, base=rng.normal(size=outputs))
    graph.output(scores, "y", TensorProto.FLOAT, ["N", outputs])
    return graph.model()


def answers(model: onnx.ModelProto) -> npt.NDArray[np.float32]:
    checker.check_model(model, full_check=True)
    rows = np.random.default_rng(1).normal(size=(500, COLUMNS)).astype(np.float32)
    rows[::3, 2] = np.nan
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    found: npt.NDArray[np.float32] = session.run(None, {"x": rows})[0]
    return found


def operators(model: onnx.ModelProto) -> set[str]:
    return {node.op_type for node in model.graph.node}


@pytest.mark.parametrize(("outputs", "kind"), [(1, "one"), (3, "one"), (2, "mirrored")])
def test_answers_are_the_same(outputs: int, kind: str) -> None:
    before = forest(outputs, kind)
    after = onnx.ModelProto()
    after.CopyFrom(before)
    compact_trees(after)
    assert "TreeEnsemble" in operators(after) and "TreeEnsembleRegressor" not in operators(after)
    assert {entry.version for entry in after.opset_import if entry.domain == ML_DOMAIN} == {5}
    np.testing.assert_allclose(answers(after), answers(before), rtol=0, atol=1e-6)


def test_trees_without_lone_leaves_answer_the_same_to_the_bit() -> None:
    before = forest(1, "one", depths=(6, 7, 5))
    after = onnx.ModelProto()
    after.CopyFrom(before)
    compact_trees(after)
    np.testing.assert_array_equal(answers(after), answers(before))
    assert after.ByteSize() < before.ByteSize() / 2


def test_leaves_of_several_outputs_stay_as_they_are() -> None:
    before = forest(3, "all")
    after = onnx.ModelProto()
    after.CopyFrom(before)
    compact_trees(after)
    assert after == before


def test_one_forest_that_cannot_be_said_keeps_all() -> None:
    model = forest(1, "one")
    many = forest(3, "all")
    prefix = "other/"
    for node in many.graph.node:
        node.name = prefix + node.name
        node.output[:] = [prefix + name for name in node.output]
        node.input[:] = [name if name == "x" else prefix + name for name in node.input]
    model.graph.node.extend(many.graph.node)
    before = model.SerializeToString(deterministic=True)
    compact_trees(model)
    assert model.SerializeToString(deterministic=True) == before


def test_other_sums_stay_as_they_are() -> None:
    model = forest(1, "one")
    ensemble = next(node for node in model.graph.node if node.op_type == "TreeEnsembleRegressor")
    for attribute in ensemble.attribute:
        if attribute.name == "aggregate_function":
            attribute.s = b"AVERAGE"
    compact_trees(model)
    assert "TreeEnsemble" not in operators(model)


def test_a_model_without_trees_stays_as_it_is() -> None:
    graph = Graph()
    graph.output(graph.input("x", TensorProto.FLOAT, ["N", 1]), "y", TensorProto.FLOAT, ["N", 1])
    model = graph.model()
    compact_trees(model)
    assert operators(model) == {"Identity"}
