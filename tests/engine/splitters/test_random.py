"""Rows by lot, whatever their class."""

from __future__ import annotations

from engine.specs.split import SplitSpec
from engine.splitters.base import BUCKETS, Facts
from engine.splitters.random import SPLITTER


def test_few_rows_are_units_of_their_own_and_many_share_buckets() -> None:
    spec = SplitSpec(splitter="random", seed=11)
    few = SPLITTER.unit(spec, Facts(rows=BUCKETS))
    many = SPLITTER.unit(spec, Facts(rows=BUCKETS + 1))
    assert "_content" in few and "11" in few and "<<" not in few
    assert few in many and "<< 47" in many
