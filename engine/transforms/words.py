"""Cut text into words, in SQL and in the graph alike; scripts without blanks are cut into characters."""

from __future__ import annotations

import numpy as np

from engine.transforms import sql
from engine.transforms.canonical import add_first_match, add_matches_and_sentinel, drop_last_row
from engine.transforms.graph import Graph

#: Characters read of each text. Bounds the memory of one batch: words are padded to the longest text.
MAX_CHARACTERS = 1_000

# Ranges are spelled out, because the Unicode tables behind \p{…} differ between releases of RE2.
_SINGLE = (
    "\u4e00-\u9fff\u3400-\u4dbf\uf900-\ufaff\U00020000-\U0003fffd\u3040-\u30ff"
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
)
_JOINED = (
    "0-9A-Za-z_\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u0370-\u052f\u0531-\u0587\u0591-\u06ff\u0750-\u077f"
    "\u0900-\u0dff\u10a0-\u10ff\u1e00-\u1fff\uac00-\ud7a3"
)
WORD = f"[{_SINGLE}]|[{_JOINED}]+"


def sql_head(value: str) -> str:
    """Return the SQL expression of the part of a text that is read; '' when missing."""
    return f"left(coalesce({value}, ''), {MAX_CHARACTERS})"


def sql_tokens(value: str, pattern: str = WORD) -> str:
    """Return the matches of an RE2 pattern in a text, as VARCHAR[]."""
    return f"regexp_extract_all({sql_head(value)}, {sql.literal(pattern)})"


def sql_count(value: str, pattern: str) -> str:
    """Return how often an RE2 pattern occurs in a text, as DOUBLE."""
    return f"CAST(len({sql_tokens(value, pattern)}) AS DOUBLE)"


def add_head(graph: Graph, value: str) -> str:
    """Return string [N, 1]: the part of each text that is read."""
    pattern = f"^(?s:.{{1,{MAX_CHARACTERS}}})"
    return graph.once(("head", value), lambda: add_first_match(graph, value, pattern))


def add_tokens(graph: Graph, value: str, pattern: str, sentinel: str = "0") -> str:
    """Return string [N + 1, T]: the matches of a pattern in each text, padded with '', and in `sentinel`."""
    return graph.once(
        ("tokens", value, pattern),
        lambda: add_matches_and_sentinel(graph, add_head(graph, value), pattern, sentinel),
    )


def add_count(graph: Graph, value: str, pattern: str, sentinel: str) -> str:
    """Return double [N, 1]: how often a pattern occurs in each text; `sentinel` is a text that matches."""
    tokens = add_tokens(graph, value, pattern, sentinel)
    empty = graph.node("Equal", tokens, graph.constant("", object))
    ones = graph.node("Where", empty, graph.constant(0.0, np.float64), graph.constant(1.0, np.float64))
    return drop_last_row(graph, graph.node("ReduceSum", ones, graph.constant([1], np.int64), keepdims=1))
