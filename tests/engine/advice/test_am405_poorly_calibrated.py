"""AM405: probabilities that cannot be taken at their word."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from engine.advice import Facts
from engine.specs.evaluation import Finding


def missing_by(facts: Facts, spoil: Callable[..., Facts], error: float, chance: float) -> Facts:
    assert facts.evaluation is not None and facts.evaluation.calibration is not None
    found = replace(facts.evaluation.calibration, expected_error=error, chance_error=chance)
    return spoil(facts, calibration=found)


def test_fires_with_the_error(
    judge: Callable[[str, Facts], Finding | None], spoil_evaluation: Callable[..., Facts], binary: Facts
) -> None:
    finding = judge("AM405", missing_by(binary, spoil_evaluation, 0.08, 0.02))
    assert finding is not None and finding.severity == "tip"
    assert "8.0 points on average; chance alone would show 2.0" in finding.evidence


def test_fifteen_points_are_an_issue(
    judge: Callable[[str, Facts], Finding | None], spoil_evaluation: Callable[..., Facts], binary: Facts
) -> None:
    finding = judge("AM405", missing_by(binary, spoil_evaluation, 0.2, 0.02))
    assert finding is not None and finding.severity == "issue"


def test_what_chance_explains_is_not_said(
    judge: Callable[[str, Facts], Finding | None], spoil_evaluation: Callable[..., Facts], binary: Facts
) -> None:
    assert judge("AM405", missing_by(binary, spoil_evaluation, 0.08, 0.05)) is None


def test_silent_otherwise(judge: Callable[[str, Facts], Finding | None], binary: Facts) -> None:
    assert judge("AM405", binary) is None
    assert judge("AM405", Facts()) is None
