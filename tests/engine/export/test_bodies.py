"""Bodies keep their answers under new names and in the house's operators, or are refused."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from onnxruntime import InferenceSession

from engine.errors import WorkFailed
from engine.export.bodies import prepare_body
from engine.transforms.graph import IR_VERSION, opset_imports
from tests.engine.published import linear_body

X = np.array([[1.0, 2.0], [3.0, -4.0]], np.float32)


def run_prepared(body: onnx.ModelProto) -> np.ndarray:
    """Prepare `body` and run it as a model of its own."""
    graph, scores = prepare_body(body, "m1/", "joined features")
    assert {entry.name for entry in graph.output} == {scores}
    model = helper.make_model(graph, opset_imports=opset_imports(), ir_version=IR_VERSION)
    onnx.checker.check_model(model)
    return np.asarray(InferenceSession(model.SerializeToString()).run(None, {"joined features": X})[0])


def branching_body(opset: int = 13) -> onnx.ModelProto:
    """scores = features · 2 if their sum is positive, else features; branches use outer names."""
    out = [helper.make_tensor_value_info("branch", TensorProto.FLOAT, None)]
    double = helper.make_graph([helper.make_node("Mul", ["features", "two"], ["branch"])], "then", [], out)
    same = helper.make_graph([helper.make_node("Identity", ["features"], ["branch"])], "else", [], out)
    nodes = [
        helper.make_node("ReduceSum", ["features"], ["sum"], keepdims=0),
        helper.make_node("Greater", ["sum", "zero"], ["positive"]),
        helper.make_node("If", ["positive"], ["scores"], then_branch=double, else_branch=same),
    ]
    constants = [numpy_helper.from_array(np.float32(v), n) for n, v in (("two", 2.0), ("zero", 0.0))]
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["N", 2])],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["N", 2])],
        initializer=constants,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)


def test_names_change_and_answers_do_not() -> None:
    body, weights = linear_body(2, 1, seed=3)
    before = body.SerializeToString()
    np.testing.assert_allclose(run_prepared(body), X @ weights, rtol=1e-6)
    assert body.SerializeToString() == before
    graph, _ = prepare_body(body, "m1/", "joined features")
    made = [name for node in graph.node for name in (node.name, *node.output)]
    assert all(name.startswith("m1/") for name in [*made, *(tensor.name for tensor in graph.initializer)])


def test_branches_and_older_opsets_are_carried_over() -> None:
    np.testing.assert_array_equal(run_prepared(branching_body()), 2 * X)


def test_local_functions_are_inlined() -> None:
    function = helper.make_function(
        "local", "Twice", ["a"], ["b"], [helper.make_node("Add", ["a", "a"], ["b"])], opset_imports()[:1]
    )
    graph = helper.make_graph(
        [helper.make_node("Twice", ["features"], ["scores"], domain="local")],
        "g",
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["N", 2])],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["N", 2])],
    )
    sets = [*opset_imports(), helper.make_opsetid("local", 1)]
    body = helper.make_model(graph, functions=[function], opset_imports=sets, ir_version=IR_VERSION)
    np.testing.assert_array_equal(run_prepared(body), 2 * X)


@pytest.mark.parametrize(
    ("domain", "version", "words"),
    [("strange", 1, "stock onnxruntime"), ("ai.onnx.ml", 5, "ai.onnx.ml 5"), ("", 999, "opset")],
)
def test_operators_that_cannot_be_shared_are_refused(domain: str, version: int, words: str) -> None:
    body, _ = linear_body(2, 1, seed=3)
    del body.opset_import[:]
    body.opset_import.append(helper.make_opsetid(domain, version))
    body.graph.node[0].domain = domain
    with pytest.raises(WorkFailed, match=words):
        prepare_body(body, "m/", "f")


def test_other_inputs_and_outside_weights_are_refused() -> None:
    body, _ = linear_body(2, 1, seed=3)
    body.graph.input[0].name = "x"
    with pytest.raises(WorkFailed, match=r"Expected input `features`.*Received \['x'\]"):
        prepare_body(body, "m/", "f")
    body, _ = linear_body(2, 1, seed=3)
    body.graph.initializer[0].data_location = TensorProto.EXTERNAL
    with pytest.raises(WorkFailed, match="external data"):
        prepare_body(body, "m/", "f")
