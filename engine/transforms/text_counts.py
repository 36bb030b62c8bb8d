"""How often each of a fitted list of words stands in a text; upper and lower case count as one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import onnx

from engine.specs.params import Param
from engine.transforms import sql
from engine.transforms.base import Domain, State, TrainingRows, Transform
from engine.transforms.canonical import drop_last_row
from engine.transforms.formula import OnnxWriter, SqlWriter, Term
from engine.transforms.graph import Graph
from engine.transforms.sampling import sampled
from engine.transforms.words import WORD, add_tokens, sql_tokens

#: Rows a vocabulary is learnt from.
_ROWS = 200_000


class TextCounts(Transform):
    """State: {"words": [...], "variants": [[spellings in training], ...]}. Each count c becomes ln(1 + c)."""

    name = "text_counts"
    title = "Counts of words"
    takes: Domain = "text"
    gives: Domain = "block"
    params = (
        Param(
            name="words",
            kind="int",
            default=200,
            low=1,
            high=5_000,
            log=True,
            unit="words",
            help="Words that are counted.",
        ),
        Param(
            name="choose",
            kind="choice",
            default="telling",
            choices=("telling", "frequent"),
            help="Words whose texts differ most from the others in the target, or the most frequent ones.",
        ),
        Param(
            name="least",
            kind="int",
            default=3,
            low=1,
            high=1_000_000,
            unit="rows",
            help="Training rows a word has to stand in.",
        ),
    )

    def fit(self, rows: TrainingRows, value: str, params: Mapping[str, Any]) -> State:
        """Learn the words and their spellings."""
        classes = range(rows.classes) if rows.classes > 2 else None
        score = "count(*)"
        if params["choose"] == "telling":
            targets = [f"CAST(y = {c} AS DOUBLE)" for c in classes] if classes else ["CAST(y AS DOUBLE)"]
            # n · (mean with the word - mean)²: what knowing the word takes off the squared error.
            gains = [f"power(avg({t}) - (SELECT avg({t}) FROM r), 2)" for t in targets]
            score = f"count(*) * ({' + '.join(gains)})"
        found = rows.select(
            f"WITH r AS (SELECT _row, _y AS y, {sql_tokens(value)} AS tokens FROM {sampled(rows, _ROWS)}),"
            " t AS (SELECT DISTINCT _row, y, unnest(tokens) AS token FROM r),"
            " w AS (SELECT DISTINCT _row, y, lower(token) AS word FROM t),"
            f" g AS (SELECT word, count(*) AS n, {score} AS score FROM w GROUP BY word"
            f" HAVING n >= {params['least']} ORDER BY score DESC, n DESC, word LIMIT {params['words']}),"
            " v AS (SELECT DISTINCT lower(token) AS word, token FROM t)"
            " SELECT word, list_sort(list(token)) FROM g JOIN v USING (word) GROUP BY word, score"
            " ORDER BY score DESC, word"
        )
        return {"words": [str(word) for word, _ in found], "variants": [list(map(str, v)) for _, v in found]}

    def labels(self, params: Mapping[str, Any], state: State) -> tuple[str, ...]:
        """Return ":word" …; one column that is always 0 when no word was learnt."""
        return tuple(f":{word}" for word in state["words"]) or (":",)

    def width(self, params: Mapping[str, Any], *, distinct: int, classes: int) -> int:
        """Return one column per word."""
        return int(params["words"])

    def sql(
        self, value: str, params: Mapping[str, Any], state: State, *, fold: str | None
    ) -> tuple[str, ...]:
        """Count every word of a text once, then look each column's spellings up.

        Five times faster than searching the text for each word (7,766 reviews, 200 words).
        """
        counted = f"list_aggregate({sql_tokens(value)}, 'histogram')"
        found = [self._sql_count(counted, variants) for variants in state["variants"]] or [sql.number(0.0)]
        return tuple((Term(SqlWriter(), count) + 1.0).logarithm().code for count in found)

    def onnx(self, graph: Graph, value: str, params: Mapping[str, Any], state: State) -> str:
        """Count with one vectoriser whose spellings share a column."""
        spellings = [(s, i) for i, variants in enumerate(state["variants"]) for s in variants]
        counts = graph.node(
            "TfIdfVectorizer",
            add_tokens(graph, value, WORD),
            mode="TF",
            min_gram_length=1,
            max_gram_length=1,
            max_skip_count=0,
            ngram_counts=[0],
            ngram_indexes=[i for _, i in spellings] or [0],
            # No word holds a blank, so the stand-in for an empty vocabulary never counts.
            pool_strings=[s for s, _ in spellings] or [" "],
        )
        # The vectoriser refuses a batch without rows, so the sentinel stays until here.
        wide = graph.node("Cast", drop_last_row(graph, counts), to=onnx.TensorProto.DOUBLE)
        doubles = Term(OnnxWriter(graph), wide)
        return (doubles + 1.0).logarithm().code

    def _sql_count(self, counted: str, variants: list[str]) -> str:
        counts = [f"coalesce(map_extract_value({counted}, {sql.literal(v)}), 0)" for v in variants]
        return f"CAST({' + '.join(counts)} AS DOUBLE)"


TRANSFORM = TextCounts()
