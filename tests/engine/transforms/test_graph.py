"""The graph builder: fresh names, shared constants, what is built once, what runs."""

from __future__ import annotations

import numpy as np
import onnx
import pytest

from engine.transforms.graph import ML_OPSET, OPSET, Graph
from tests.engine.transforms.fitted import run

FLOAT = onnx.TensorProto.FLOAT


def test_names_are_never_given_twice_and_carry_the_prefix() -> None:
    graph = Graph("left_")
    names = [graph.name("x") for _ in range(3)] + [graph.constant(1.0), graph.node("Abs", "x")]
    assert len(set(names)) == 5
    assert all(name.startswith("left_") for name in names)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ((1.5, np.float64), (1.5, np.float64)),
        (([1, 2], np.int64), (np.array([1, 2]), np.int64)),
        (("text", object), ("text", object)),
        ((np.nan, np.float32), (np.nan, np.float32)),
    ],
)
def test_equal_constants_are_one(one: tuple[object, type], other: tuple[object, type]) -> None:
    graph = Graph()
    assert graph.constant(*one) == graph.constant(*other)
    assert len(graph.initializers) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ((1.0, np.float64), (1.0, np.float32)),
        ((1, np.int64), ([1], np.int64)),
        ((0.0, np.float64), (-0.0, np.float64)),
        (([1, 2, 3, 4], np.int64), ([[1, 2], [3, 4]], np.int64)),
        (("1", object), (1, np.int64)),
        ((["ab", "c"], object), (["a", "bc"], object)),
    ],
)
def test_constants_of_another_type_shape_or_bit_are_apart(
    one: tuple[object, type], other: tuple[object, type]
) -> None:
    graph = Graph()
    assert graph.constant(*one) != graph.constant(*other)


def test_texts_are_strings_with_or_without_being_told() -> None:
    graph = Graph()
    assert graph.constant(["中", ""]) == graph.constant(["中", ""], object)
    (tensor,) = graph.initializers
    assert tensor.data_type == onnx.TensorProto.STRING
    assert [text.decode() for text in tensor.string_data] == ["中", ""]


def test_what_has_a_key_is_built_once() -> None:
    graph = Graph()

    def double(value: str) -> str:
        return graph.once(("double", value), lambda: graph.node("Add", value, value))

    assert double("x") == double("x")
    assert double("y") != double("x")
    assert len(graph.nodes) == 2


def test_a_node_may_have_several_outputs() -> None:
    graph = Graph()
    x = graph.input("x", FLOAT, ["N", 2])
    left, right = graph.node_many("Split", x, outputs=2, axis=1, num_outputs=2)
    graph.output(graph.node("Sub", left, right), "y", FLOAT, ["N", 1])
    assert run(graph, {"x": np.array([[5, 3], [1, 2]], np.float32)}).tolist() == [[2.0], [-1.0]]


def test_a_model_says_its_inputs_outputs_and_operator_sets() -> None:
    graph = Graph("a_")
    x = graph.input("the age", FLOAT, ["N", 1])
    graph.output(graph.node("Mul", x, graph.constant(2.0, np.float32)), "答案", FLOAT, ["N", 1])
    model = graph.model()
    onnx.checker.check_model(model)
    assert [value.name for value in model.graph.input] == ["the age"]
    assert [value.name for value in model.graph.output] == ["答案"]
    assert {entry.domain: entry.version for entry in model.opset_import} == {
        "": OPSET,
        "ai.onnx.ml": ML_OPSET,
        "com.microsoft": 1,
    }
    assert run(graph, {"the age": np.array([[4]], np.float32)}).tolist() == [[8.0]]


def test_two_graphs_with_prefixes_join_without_clashes() -> None:
    made = []
    for prefix in ("a_", "b_"):
        graph = Graph(prefix)
        graph.output(graph.node("Neg", graph.constant(1.0, np.float32)), f"{prefix}out", FLOAT, [])
        made.append({node.name for node in graph.nodes} | {o for n in graph.nodes for o in n.output})
    assert not made[0] & made[1]
