"""Rows by lot: every distinct row has the same chance to be tested."""

from __future__ import annotations

from engine.specs.split import SplitSpec
from engine.splitters.base import Facts, Splitter, bucketed, shuffled


def _unit(spec: SplitSpec, facts: Facts) -> str:
    return bucketed(shuffled("_content", spec.seed), 0, facts.rows)


SPLITTER = Splitter(
    name="random",
    title="Random",
    help="Rows are drawn by lot. Fits data whose rows have nothing to do with each other.",
    unit=_unit,
)
