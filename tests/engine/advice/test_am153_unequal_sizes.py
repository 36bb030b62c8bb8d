"""AM153: pictures of very unequal sizes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from engine.advice import Facts
from engine.specs.evaluation import Finding
from engine.specs.profile import ColumnProfile, Profile

Judge = Callable[[str, Facts], Finding | None]


def measured(facts: Facts, low: float, high: float) -> Facts:
    quantiles = {"0.01": low, "0.99": high}
    profile = ColumnProfile(name="height", rows=600, missing=0, distinct=9, quantiles=quantiles)
    return replace(facts, profile=Profile(rows=600, duplicate_rows=0, columns=(profile,)))


def test_fires_from_ten_to_one(judge: Judge, colours: Facts) -> None:
    finding = judge("AM153", measured(colours, 100.0, 1_000.0))
    assert finding is not None and finding.severity == "tip"
    assert finding.evidence == (
        "One picture in a hundred has at most 100 pixels of height, another one at least 1,000: 10 to 1."
    )


def test_silent_below_ten_to_one_and_without_sizes(judge: Judge, colours: Facts) -> None:
    assert judge("AM153", measured(colours, 100.0, 990.0)) is None
    assert judge("AM153", measured(colours, 0.0, 990.0)) is None


def test_silent_otherwise(judge: Judge, colours: Facts, binary: Facts) -> None:
    assert judge("AM153", colours) is None
    assert judge("AM153", binary) is None
    assert judge("AM153", Facts()) is None
