"""Raw values made clean: what is trimmed, what is missing, what a number may be."""

from __future__ import annotations

import math
from typing import Any

import duckdb
import numpy as np
import onnx
import pytest

from engine.specs.schema import BLANKS, Column
from engine.transforms.canonical import add_first_match, add_matches, add_number, add_text, domain, sql_form
from engine.transforms.graph import Graph
from tests.engine.transforms.fitted import run

FLOAT, STRING, DOUBLE = onnx.TensorProto.FLOAT, onnx.TensorProto.STRING, onnx.TensorProto.DOUBLE
TEXT = Column(name="c", source_name="c", physical="string", semantic="category")
NUMBER = Column(name='the "c"', source_name="c", physical="double", semantic="number")


def _clean(texts: list[str], **column: Any) -> list[str]:
    graph = Graph()
    made = Column(name="c", source_name="c", physical="string", semantic="category", **column)
    graph.output(add_text(graph, graph.input("c", STRING, ["N", 1]), made), "out", STRING, ["N", 1])
    return [text for (text,) in run(graph, {"c": np.array(texts, object)[:, None]}).tolist()]


@pytest.mark.parametrize("blank", BLANKS, ids=lambda blank: f"U+{ord(blank):04X}")
def test_every_blank_is_cut_from_both_ends_and_kept_inside(blank: str) -> None:
    texts = [f"{blank}a{blank}{blank}b{blank}", blank, f"{blank}中"]
    assert _clean(texts, trim=True) == [f"a{blank}{blank}b", "", "中"]


def test_a_column_without_blanks_is_read_as_it_is() -> None:
    assert _clean([" a ", ""], trim=False) == [" a ", ""]


def test_missing_tokens_are_compared_after_trimming() -> None:
    found = _clean([" ?", "NA", "NAN", "a?", "无\u3000"], trim=True, missing_tokens=("?", "NA", "无"))
    assert found == ["", "", "NAN", "a?", ""]


def test_text_over_several_lines_keeps_them() -> None:
    assert _clean([" a\n\n b \n"], trim=True) == ["a\n\n b"]


def test_a_number_is_finite_or_missing() -> None:
    graph = Graph()
    graph.output(add_number(graph, graph.input("c", FLOAT, ["N", 1])), "out", DOUBLE, ["N", 1])
    given = np.array([1.5, np.nan, np.inf, -np.inf, 0.1], np.float32)[:, None]
    found = run(graph, {"c": given})[:, 0].tolist()
    assert found[0] == 1.5
    assert all(math.isnan(value) for value in found[1:4])
    assert found[4] == float(np.float32(0.1))


def test_sql_reads_a_number_as_the_model_gets_it() -> None:
    with duckdb.connect() as connection:
        found = connection.execute(
            f"SELECT {sql_form(NUMBER)} FROM (VALUES (0, 0.1::DOUBLE), (1, 'inf'::DOUBLE), (2, 'nan'::DOUBLE),"
            ' (3, 1e300::DOUBLE), (4, NULL), (5, 16777217::DOUBLE)) AS t(i, "the ""c""") ORDER BY i'
        ).fetchall()
    assert found == [(float(np.float32(0.1)),), (None,), (None,), (None,), (None,), (16_777_216.0,)]


def test_an_empty_text_is_missing_in_sql() -> None:
    with duckdb.connect() as connection:
        found = connection.execute(
            f"SELECT {sql_form(TEXT)} FROM (VALUES (0, ''), (1, 'a'), (2, NULL)) AS t(i, c) ORDER BY i"
        ).fetchall()
    assert found == [(None,), ("a",), (None,)]


def test_numbers_are_numbers_and_everything_else_is_text() -> None:
    assert domain(NUMBER) == "number"
    assert domain(Column(name="d", source_name="d", physical="int64", semantic="identifier")) == "number"
    assert domain(Column(name="d", source_name="d", physical="string", semantic="datetime")) == "text"


@pytest.mark.parametrize(
    ("pattern", "first"), [("[0-9]+", ["12", "", "7"]), ("a|ab|abc", ["", "abc", ""]), ("^7", ["", "", "7"])]
)
def test_the_first_match_is_the_leftmost_and_longest(pattern: str, first: list[str]) -> None:
    graph = Graph()
    text = graph.input("c", STRING, ["N", 1])
    sentinel = "7" if "7" in pattern else "a0"
    graph.output(add_first_match(graph, text, pattern, sentinel), "out", STRING, ["N", 1])
    given = np.array(["x 12 3", "abcd", "7"], object)[:, None]
    assert run(graph, {"c": given})[:, 0].tolist() == first


def test_all_matches_are_padded_to_the_longest_row() -> None:
    graph = Graph()
    text = graph.input("c", STRING, ["N", 1])
    graph.output(add_matches(graph, text, "[0-9]", sentinel="0 0"), "out", STRING, ["N", None])
    given = np.array(["1 2 3", "", "4"], object)[:, None]
    assert run(graph, {"c": given}).tolist() == [["1", "2", "3"], ["", "", ""], ["4", "", ""]]
    assert run(graph, {"c": given[1:2]}).tolist() == [["", ""]]
