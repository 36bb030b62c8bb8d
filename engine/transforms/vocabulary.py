"""The values of a text column and how often the training rows hold them; their codes inside a graph."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.specs.params import Param
from engine.transforms.base import TrainingRows
from engine.transforms.graph import ML_DOMAIN, Graph

#: Most keys a fitted state keeps; rarer ones share one place.
MAX_KEYS = 10_000

MAX_KEYS_PARAM = Param(
    name="max_keys",
    kind="int",
    default=MAX_KEYS,
    low=1,
    high=MAX_KEYS,
    unit="values",
    help="Most values told apart, the most frequent first; all others share one place.",
    searched=False,
)


@dataclass(frozen=True)
class Vocabulary:
    """Present values, most frequent first.   missing, rows: training rows without a value, and all of them.

    is_whole: no value was left out.
    """

    keys: tuple[str, ...]
    counts: tuple[int, ...]
    missing: int
    rows: int

    @property
    def is_whole(self) -> bool:
        return sum(self.counts) + self.missing == self.rows


def count_keys(rows: TrainingRows, value: str, *, limit: int, least: int = 1) -> Vocabulary:
    """Count the values of the VARCHAR expression `value`.

    limit: most keys kept.  least: a key with fewer training rows is left out.
    """
    ((total, missing),) = rows.select(
        f"SELECT count(*), count(*) FILTER (WHERE ({value}) IS NULL) FROM train"
    )
    found = rows.select(
        f"SELECT k, count(*) AS n FROM (SELECT {value} AS k FROM train) WHERE k IS NOT NULL"
        f" GROUP BY k HAVING n >= {least} ORDER BY n DESC, k LIMIT {limit}"
    )
    keys, counts = tuple(str(k) for k, _ in found), tuple(int(n) for _, n in found)
    return Vocabulary(keys=keys, counts=counts, missing=int(missing), rows=int(total))


def add_codes(graph: Graph, value: str, keys: Sequence[str]) -> str:
    """Return int64 [N]: the position of each text in `keys`, len(keys) when it is none of them.

    The missing value is the key ''.
    """
    listed = tuple(keys)

    def build() -> str:
        # An encoder without keys is refused by onnxruntime; the stand-in gets the code of an unknown text.
        encoder = graph.node(
            "LabelEncoder",
            value,
            domain=ML_DOMAIN,
            keys_strings=list(listed) or ["?"],
            values_int64s=list(range(len(listed))) or [0],
            default_int64=len(listed),
        )
        return graph.node("Reshape", encoder, graph.constant([-1], np.int64))

    return graph.once(("codes", value, listed), build)


def add_rows(graph: Graph, value: str, keys: Sequence[str], table: Sequence[Sequence[float]]) -> str:
    """Return double [N, width]: the row of `table` for each text; its last row is for an unknown text."""
    return graph.node("Gather", graph.constant(table, np.float64), add_codes(graph, value, keys), axis=0)
