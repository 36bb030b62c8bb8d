"""The one form every chain starts from: a raw column made clean, in SQL and in the graph alike."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import onnx

from engine.specs.schema import BLANKS, Column, InputType
from engine.transforms import sql
from engine.transforms.base import Domain
from engine.transforms.graph import MICROSOFT_DOMAIN, ML_DOMAIN, Graph

#: From the first character that is no blank to the last one; the tokeniser's way to trim.
_TRIMMED = f"[^{BLANKS}](?s:.*[^{BLANKS}])?"

_DOMAINS: Mapping[InputType, Domain] = {"float": "number", "string": "text", "image": "picture"}


def domain(column: Column) -> Domain:
    """Return the domain of the column's canonical form."""
    return _DOMAINS[column.input_type]


def sql_form(column: Column) -> str:
    """Return the SQL expression of the canonical form over the imported columns.

    A number is rounded to float32, the type of the model's input, before it becomes a DOUBLE. Text was
    cleaned by the import (trimmed, missing tokens made NULL); to trim it again took most of a query's time.
    """
    raw = sql.identifier(column.name)
    if domain(column) == "number":
        single = f"TRY_CAST({raw} AS FLOAT)"
        return f"(CASE WHEN isfinite({single}) THEN CAST({single} AS DOUBLE) END)"
    return f"nullif({raw}, '')" if domain(column) == "text" else raw


def add_number(graph: Graph, value: str) -> str:
    """Return the canonical double [N, 1] of a raw float input: ±Inf becomes NaN."""
    nan = graph.constant(np.nan, np.float32)
    finite = graph.node("Where", graph.node("IsInf", value), nan, value)
    return graph.node("Cast", finite, to=onnx.TensorProto.DOUBLE)


def add_text(graph: Graph, value: str, column: Column) -> str:
    """Return the canonical string [N, 1] of a raw string input: trimmed, missing tokens made ''."""
    text = add_first_match(graph, value, _TRIMMED) if column.trim else value
    if not column.missing_tokens:
        return text
    missing = graph.node(
        "LabelEncoder",
        text,
        domain=ML_DOMAIN,
        keys_strings=list(column.missing_tokens),
        values_int64s=[1] * len(column.missing_tokens),
        default_int64=0,
    )
    return graph.node(
        "Where", graph.node("Cast", missing, to=onnx.TensorProto.BOOL), graph.constant("", object), text
    )


def add_first_match(graph: Graph, value: str, pattern: str, sentinel: str = "0") -> str:
    """Return string [N, 1]: the leftmost-longest match of an RE2 pattern in each text, '' without one.

    sentinel: a text that matches.
    """
    matches = add_matches(graph, value, pattern, sentinel)
    return graph.node("Slice", matches, *(graph.constant([n], np.int64) for n in (0, 1, 1)))


def add_matches(graph: Graph, value: str, pattern: str, sentinel: str = "0") -> str:
    """Return string [N, T]: all matches of an RE2 pattern in each text, padded with ''; T ≥ 1 always.

    sentinel: a text with at least as many matches as the caller reads.
    """
    return drop_last_row(graph, add_matches_and_sentinel(graph, value, pattern, sentinel))


def add_matches_and_sentinel(graph: Graph, value: str, pattern: str, sentinel: str) -> str:
    """Return string [N + 1, T]: the matches in each text, and in `sentinel` as the last row.

    The row rides along because T is the largest count in the batch and might be 0, and N too.
    """
    flat = graph.node("Reshape", value, graph.constant([-1], np.int64))
    longer = graph.node("Concat", flat, graph.constant([sentinel], object), axis=0)
    return graph.node(
        "Tokenizer",
        longer,
        domain=MICROSOFT_DOMAIN,
        mark=0,
        mincharnum=1,
        pad_value="",
        tokenexp=pattern,
    )


def drop_last_row(graph: Graph, value: str) -> str:
    """Return [N, …] of [N + 1, …]."""
    return graph.node("Slice", value, *(graph.constant([n], np.int64) for n in (0, -1, 0)))
