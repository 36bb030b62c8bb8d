"""AM152: pictures much smaller than what the model sees."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from engine.advice import Facts
from engine.specs.evaluation import Finding
from engine.specs.profile import ColumnProfile, Profile

Judge = Callable[[str, Facts], Finding | None]


def measured(facts: Facts, width: float) -> Facts:
    profile = ColumnProfile(name="width", rows=600, missing=0, distinct=9, quantiles={"0.25": width})
    return replace(facts, profile=Profile(rows=600, duplicate_rows=0, columns=(profile,)))


def test_fires_below_half_of_the_side(judge: Judge, colours: Facts) -> None:
    finding = judge("AM152", measured(colours, 32.0))
    assert finding is not None and finding.severity == "tip"
    assert finding.evidence == (
        "A quarter of the pictures have at most 32 pixels of width; the model sees 64 × 64."
    )


def test_silent_above_half_of_the_side(judge: Judge, colours: Facts) -> None:
    assert judge("AM152", measured(colours, 33.0)) is None


def test_silent_otherwise(judge: Judge, colours: Facts, binary: Facts) -> None:
    assert judge("AM152", colours) is None
    assert judge("AM152", binary) is None
    assert judge("AM152", Facts()) is None
