"""AM106: one class far more frequent than another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from engine.advice import Facts
from engine.specs.evaluation import Finding


def divided(facts: Facts, **rows: int) -> Facts:
    assert facts.divided is not None
    return replace(facts, divided=replace(facts.divided, classes={"train": rows}))


def test_fires_at_nine_to_one(judge: Callable[[str, Facts], Finding | None], binary: Facts) -> None:
    finding = judge("AM106", divided(binary, no=9_000, yes=1_000))
    assert finding is not None and finding.severity == "tip"
    assert finding.evidence == "'no' has 9,000 rows and 'yes' has 1,000: 9 to 1."


def test_99_to_1_is_an_issue(judge: Callable[[str, Facts], Finding | None], binary: Facts) -> None:
    finding = judge("AM106", divided(binary, no=9_900, yes=100))
    assert finding is not None and finding.severity == "issue"


def test_silent_below(judge: Callable[[str, Facts], Finding | None], binary: Facts) -> None:
    assert judge("AM106", divided(binary, no=8_900, yes=1_100)) is None


def test_silent_otherwise(judge: Callable[[str, Facts], Finding | None], binary: Facts) -> None:
    assert judge("AM106", binary) is None
    assert judge("AM106", Facts()) is None
