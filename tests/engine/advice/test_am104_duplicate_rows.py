"""AM104: rows that repeat."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from engine.advice import Facts
from engine.specs.evaluation import Finding


def test_fires_with_the_count(judge: Callable[[str, Facts], Finding | None], binary: Facts) -> None:
    assert binary.profile is not None
    finding = judge("AM104", replace(binary, profile=replace(binary.profile, duplicate_rows=800)))
    assert finding is not None and "800 of 10,000 rows (8.0 %)" in finding.evidence


def test_silent_otherwise(judge: Callable[[str, Facts], Finding | None], binary: Facts) -> None:
    assert judge("AM104", binary) is None
    assert judge("AM104", Facts()) is None
