"""AM201: few rows to test on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from engine.advice import Facts
from engine.specs.evaluation import Finding


def with_test_rows(facts: Facts, rows: int) -> Facts:
    assert facts.divided is not None
    return replace(facts, divided=replace(facts.divided, rows={"train": 640, "valid": 160, "test": rows}))


def test_fires_with_the_uncertainty(judge: Callable[[str, Facts], Finding | None], binary: Facts) -> None:
    finding = judge("AM201", with_test_rows(binary, 399))
    assert finding is not None and finding.severity == "tip"
    assert "399 rows" in finding.evidence and "±5 points" in finding.evidence


def test_below_100_is_an_issue(judge: Callable[[str, Facts], Finding | None], binary: Facts) -> None:
    finding = judge("AM201", with_test_rows(binary, 99))
    assert finding is not None and finding.severity == "issue"


def test_silent_otherwise(judge: Callable[[str, Facts], Finding | None], binary: Facts) -> None:
    assert judge("AM201", binary) is None
    assert judge("AM201", Facts()) is None
