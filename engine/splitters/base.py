"""What every splitter promises: which rows stay together, and in which order whole units fill the sets.

A splitter only says, in SQL, what a row's *unit* is (rows of one unit never part) and which *stratum* it is
drawn in (each stratum is divided by the same shares); `engine.splitters.divide` does the rest. Units fill the
test set first, then validation, then training, in ascending order of their number.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from engine.specs.schema import Schema
from engine.specs.split import SplitSpec
from engine.specs.training import TaskSpec

#: Above this many rows a stratum is cut between buckets of its units instead of single ones: bounded memory,
#: and the shares are still met to 1 / 65,536.
BUCKETS = 65_536
#: Quantile bins a regression target is stratified by.
TARGET_BINS = 10


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What a splitter may know before it writes its SQL.

    rows: labelled rows.  strata: rows per stratum index; classes are ordered from rare to frequent.
    edges: inner edges of the target's quantile bins, for regression.
    earliest, latest: range of `_key` over the labelled rows, when the splitter has a key.
    """

    rows: int
    strata: tuple[int, ...] = ()
    edges: tuple[float, ...] = ()
    earliest: int | None = None
    latest: int | None = None


@dataclass(frozen=True, kw_only=True)
class Splitter:
    """One way to divide rows.

    needs: whether `SplitSpec.column` has to name a "group" or a "time" column, or one that names the "set".
    key: SQL over the raw columns, for the group or the moment of a row; NULL when the row has none.
    stratum: SQL INTEGER over `_label` (the class, rare first) and `_y` (the value of a regression target).
    unit: SQL BIGINT over `_content` (hash of the whole row), `_stratum` and `_key`; NULL: into training.
        Where sets are given, over `_twin` too (see `given.twin`).
    given: SQL VARCHAR over `unit`: the set that the data put it in; "" where all are drawn.
    ordered: units have a meaning in order (time), so none is moved ahead.
    """

    name: str
    title: str
    help: str
    needs: Literal["", "group", "time", "set"] = ""
    key: Callable[[Schema, SplitSpec], str] = lambda schema, spec: "NULL::BIGINT"
    unit: Callable[[SplitSpec, Facts], str]
    stratum: Callable[[TaskSpec, Facts], str] = lambda task, facts: "0"
    ordered: bool = False
    given: str = ""


def shuffled(value: str, seed: int) -> str:
    """SQL BIGINT ≥ 0, spread evenly, that depends on `value` and `seed` alone.

    The outer hash is needed: the inner one combines its arguments by XOR, which would keep neighbours
    together from one seed to the next.
    """
    return f"(hash(hash({value}, {seed}::BIGINT)) >> 1)::BIGINT"


def bucketed(unit: str, stratum: int, rows: int) -> str:
    """SQL BIGINT: `unit` itself in a stratum of few rows, else one of `BUCKETS` buckets of that stratum."""
    if rows <= BUCKETS:
        return unit
    low_bits = 63 - (BUCKETS.bit_length() - 1)
    return f"((({unit}) >> {low_bits}) << {low_bits}) + {stratum}"


def label_stratum(task: TaskSpec, facts: Facts) -> str:
    """SQL INTEGER: the class, or the quantile bin of a regression target."""
    if task.classes:
        return "_label"
    above = [f"(_y > {edge!r})::INTEGER" for edge in facts.edges]
    return " + ".join(above) or "0"
