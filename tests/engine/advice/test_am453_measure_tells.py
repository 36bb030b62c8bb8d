"""AM453: light or size alone gives the answer away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from engine.advice import Facts
from engine.specs.evaluation import Finding
from engine.specs.picture_findings import Telling
from engine.specs.split import Leak

Judge = Callable[[str, Facts], Finding | None]


def test_fires_with_the_column(judge: Judge, colours: Facts, spoil_pictures: Callable[..., Facts]) -> None:
    finding = judge("AM453", spoil_pictures(colours, telling=(Telling(column="width", skill=0.62),)))
    assert finding is not None and finding.severity == "tip"
    assert finding.evidence == "On test pictures, width alone settles 62 % of what guessing gets wrong."
    grave = judge("AM453", spoil_pictures(colours, telling=(Telling(column="width", skill=0.95),)))
    assert grave is not None and grave.severity == "issue"


def test_the_rule_for_leaks_leaves_measures_to_it(judge: Judge, colours: Facts) -> None:
    leak = Leak(column="width", kind="predicts", score=0.99, message="'width' tells the target.")
    other = replace(leak, column="note")
    assert judge("AM205", replace(colours, leaks=(leak,))) is None
    assert judge("AM205", replace(colours, leaks=(leak, other))) is not None


def test_silent_otherwise(judge: Judge, colours: Facts, binary: Facts) -> None:
    assert judge("AM453", colours) is None
    assert judge("AM453", binary) is None
    assert judge("AM453", Facts()) is None
