"""AM101: rows that could not be read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from engine.advice import Facts
from engine.specs.evaluation import Finding


def rejected(facts: Facts, rows: int) -> Facts:
    assert facts.imported is not None
    return replace(facts, imported=replace(facts.imported, rows_rejected=rows, rows_imported=10_000 - rows))


def test_fires_with_the_share(judge: Callable[[str, Facts], Finding | None], binary: Facts) -> None:
    finding = judge("AM101", rejected(binary, 12))
    assert finding is not None and finding.severity == "tip"
    assert "12 of 10,000 rows (0.12 %)" in finding.evidence


def test_one_in_a_hundred_is_an_issue(judge: Callable[[str, Facts], Finding | None], binary: Facts) -> None:
    finding = judge("AM101", rejected(binary, 100))
    assert finding is not None and finding.severity == "issue"


def test_silent_otherwise(judge: Callable[[str, Facts], Finding | None], binary: Facts) -> None:
    assert judge("AM101", binary) is None
    assert judge("AM101", Facts()) is None
