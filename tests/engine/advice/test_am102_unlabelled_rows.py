"""AM102: rows without a target."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from engine.advice import Facts
from engine.specs.evaluation import Finding


def unlabelled(facts: Facts, rows: int) -> Facts:
    assert facts.profile is not None
    *others, target = facts.profile.columns
    return replace(facts, profile=replace(facts.profile, columns=(*others, replace(target, missing=rows))))


def test_fires_with_the_count(judge: Callable[[str, Facts], Finding | None], binary: Facts) -> None:
    finding = judge("AM102", unlabelled(binary, 500))
    assert finding is not None and finding.severity == "tip"
    assert finding.evidence.startswith("'y' is missing in 500 of 10,000 rows (5.0 %)")


def test_a_fifth_is_an_issue(judge: Callable[[str, Facts], Finding | None], binary: Facts) -> None:
    finding = judge("AM102", unlabelled(binary, 2_000))
    assert finding is not None and finding.severity == "issue"


def test_a_stray_row_is_not_worth_a_word(
    judge: Callable[[str, Facts], Finding | None], binary: Facts
) -> None:
    assert judge("AM102", unlabelled(binary, 9)) is None


def test_silent_otherwise(judge: Callable[[str, Facts], Finding | None], binary: Facts) -> None:
    assert judge("AM102", binary) is None
    assert judge("AM102", Facts()) is None
