"""Rows by lot within each class, or within each tenth of a numeric target."""

from __future__ import annotations

from engine.specs.split import SplitSpec
from engine.splitters.base import BUCKETS, Facts, Splitter, bucketed, label_stratum, shuffled


def _unit(spec: SplitSpec, facts: Facts) -> str:
    unit = shuffled("_content", spec.seed)
    large = [(index, rows) for index, rows in enumerate(facts.strata) if rows > BUCKETS]
    if not large:
        return unit
    cases = " ".join(f"WHEN {index} THEN {bucketed(unit, index, rows)}" for index, rows in large)
    return f"CASE _stratum {cases} ELSE {unit} END"


SPLITTER = Splitter(
    name="stratified",
    title="Stratified",
    help="Rows are drawn by lot within each class (or range of the target), so every set holds the same mix.",
    unit=_unit,
    stratum=label_stratum,
)
