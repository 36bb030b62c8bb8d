"""How texts are cut, in SQL and in the graph alike."""

from __future__ import annotations

import duckdb
import numpy as np
import onnx
import pytest

from engine.transforms.graph import Graph
from engine.transforms.sql import literal
from engine.transforms.words import (
    MAX_CHARACTERS,
    WORD,
    add_count,
    add_head,
    add_tokens,
    sql_count,
    sql_tokens,
)
from tests.engine.transforms.fitted import run

STRING = onnx.TensorProto.STRING


def _by_sql(expression: str) -> object:
    with duckdb.connect() as connection:
        ((found,),) = connection.execute(f"SELECT {expression}").fetchall()
    return found


def _by_graph(texts: list[str], made: str, kind: int = STRING) -> list[list[object]]:
    graph = Graph()
    text = graph.input("c", STRING, ["N", 1])
    answers = {
        "tokens": lambda: add_tokens(graph, text, WORD),
        "head": lambda: add_head(graph, text),
        "count": lambda: add_count(graph, text, "[0-9]+", "0"),
    }
    graph.output(answers[made](), "out", kind, ["N", None])
    found: list[list[object]] = run(graph, {"c": np.array(texts, dtype=object)[:, None]}).tolist()
    return found


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Hello, wide world_2!", ["Hello", "wide", "world_2"]),
        ("酒店 very好", ["酒", "店", "very", "好"]),
        ("日本語テスト", ["日", "本", "語", "テ", "ス", "ト"]),
        ("naïve café, Straße", ["naïve", "café", "Straße"]),
        ("ПРИВЕТ мир", ["ПРИВЕТ", "мир"]),
        ("한국어 문장", ["한국어", "문장"]),
        ("it's 3.5", ["it", "s", "3", "5"]),
        ("… — 😀", []),
        ("", []),
    ],
)
def test_words_and_characters(text: str, words: list[str]) -> None:
    assert _by_sql(sql_tokens(literal(text))) == words
    # The graph adds a row for its sentinel and pads with ''.
    tokens = _by_graph([text], "tokens")
    assert [token for token in tokens[0] if token] == words
    assert len(tokens) == 2


def test_only_the_head_of_a_long_text_is_read() -> None:
    texts = ["好" * (MAX_CHARACTERS + 5), "b\n" * MAX_CHARACTERS, "short", ""]
    heads = [[text[:MAX_CHARACTERS]] for text in texts]
    assert _by_graph(texts, "head") == heads
    assert [len(_by_sql(sql_tokens(literal(text)))) for text in texts] == [1000, 500, 1, 0]  # type: ignore[arg-type]


def test_counting_matches_of_a_pattern() -> None:
    texts = ["1 and 22", "none", ""]
    assert [_by_sql(sql_count(literal(text), "[0-9]+")) for text in texts] == [2.0, 0.0, 0.0]
    assert _by_graph(texts, "count", onnx.TensorProto.DOUBLE) == [[2.0], [0.0], [0.0]]


def test_a_missing_text_has_no_words() -> None:
    assert _by_sql(sql_count("NULL::VARCHAR", WORD)) == 0.0
