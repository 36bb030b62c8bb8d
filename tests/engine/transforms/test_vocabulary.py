"""What a text column holds, and the codes of its values inside a graph."""

from __future__ import annotations

import numpy as np
import onnx
import pyarrow as pa
import pytest

from engine.transforms.graph import Graph
from engine.transforms.vocabulary import Vocabulary, add_codes, add_rows, count_keys
from tests.engine.transforms.fitted import run, training_rows

VALUES = ["b", "a", "b", "c", None, "a", "b"]


def _count(limit: int, least: int = 1) -> Vocabulary:
    table = pa.table({"_row": range(len(VALUES)), "c": VALUES})
    return count_keys(training_rows(table, [0.0] * len(VALUES), classes=0), "c", limit=limit, least=least)


def test_most_frequent_first_with_missing_rows_apart() -> None:
    found = _count(10)
    assert found == Vocabulary(keys=("b", "a", "c"), counts=(3, 2, 1), missing=1, rows=7)
    assert found.is_whole


@pytest.mark.parametrize(("limit", "least", "keys"), [(2, 1, ("b", "a")), (10, 3, ("b",)), (10, 4, ())])
def test_what_is_left_out_is_known(limit: int, least: int, keys: tuple[str, ...]) -> None:
    found = _count(limit, least)
    assert found.keys == keys
    assert not found.is_whole


@pytest.mark.parametrize(
    ("keys", "codes"), [(["", "x", "y"], [1, 0, 2, 3]), (["y"], [1, 1, 0, 1]), ([], [0, 0, 0, 0])]
)
def test_codes_are_positions_and_one_more_for_unknown_texts(keys: list[str], codes: list[int]) -> None:
    graph = Graph()
    text = graph.input("c", onnx.TensorProto.STRING, ["N", 1])
    graph.output(add_codes(graph, text, keys), "out", onnx.TensorProto.INT64, ["N"])
    given = np.array([["x"], [""], ["y"], ["z"]], dtype=object)
    assert run(graph, {"c": given}).tolist() == codes


def test_two_tables_over_the_same_keys_share_one_encoder() -> None:
    graph = Graph()
    text = graph.input("c", onnx.TensorProto.STRING, ["N", 1])
    first = add_rows(graph, text, ["x"], [[1.0], [2.0]])
    second = add_rows(graph, text, ["x"], [[30.0, 5.0], [40.0, 6.0]])
    joined = graph.node("Concat", first, second, axis=1)
    graph.output(joined, "out", onnx.TensorProto.DOUBLE, ["N", 3])
    assert [node.op_type for node in graph.nodes].count("LabelEncoder") == 1
    given = np.array([["x"], ["?"]], dtype=object)
    assert run(graph, {"c": given}).tolist() == [[1.0, 30.0, 5.0], [2.0, 40.0, 6.0]]
