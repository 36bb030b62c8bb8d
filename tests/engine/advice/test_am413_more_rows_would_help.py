"""AM413: rows that would pay, where they would for sure and are not there already."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from engine.advice import Facts
from engine.specs.evaluation import Finding
from engine.specs.split import SplitSummary
from tests.engine.made_learning import learning_curve

Judge = Callable[[str, Facts], Finding | None]


def test_fires_with_what_the_rows_are_worth(judge: Judge, binary: Facts) -> None:
    finding = judge("AM413", replace(binary, learning=learning_curve()))
    assert finding is not None and finding.severity == "tip"
    assert "0.87 with 3,000 training rows, 0.9 with 6,000" in finding.evidence
    assert "expected to gain 0.03 (95 % between 0.02 and 0.04), 7 % of the gain" in finding.evidence
    assert finding.action == "Collect about 6,000 more rows like these."


def test_silent_where_the_gain_is_little_or_not_sure(judge: Judge, binary: Facts) -> None:
    assert judge("AM413", replace(binary, learning=learning_curve(gain=0.008, low=0.004))) is None
    assert judge("AM413", replace(binary, learning=learning_curve(low=-0.001))) is None
    assert judge("AM413", binary) is None
    assert judge("AM413", Facts(learning=learning_curve())) is None


def test_silent_where_the_rows_are_there_but_were_not_read(judge: Judge, binary: Facts) -> None:
    many = replace(binary, learning=learning_curve(), divided=SplitSummary(rows={"train": 60_000, "test": 9}))
    assert judge("AM413", many) is None
