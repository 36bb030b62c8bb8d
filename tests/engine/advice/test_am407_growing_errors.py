"""AM407: errors that grow with the answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from engine.advice import Facts
from engine.specs.evaluation import Finding


def with_residuals(facts: Facts, spoil: Callable[..., Facts], **parts: float) -> Facts:
    assert facts.evaluation is not None and facts.evaluation.residuals is not None
    return spoil(facts, residuals=replace(facts.evaluation.residuals, **parts))


def test_fires_with_the_range(
    judge: Callable[[str, Facts], Finding | None], spoil_evaluation: Callable[..., Facts], regression: Facts
) -> None:
    finding = judge("AM407", with_residuals(regression, spoil_evaluation, spread_growth=0.45))
    assert finding is not None and "from 5 to 300" in finding.evidence and "0.45" in finding.evidence
    assert "logarithm of 'y'" in finding.action


def test_no_logarithm_for_targets_that_may_be_zero(
    judge: Callable[[str, Facts], Finding | None], spoil_evaluation: Callable[..., Facts], regression: Facts
) -> None:
    facts = with_residuals(regression, spoil_evaluation, spread_growth=0.45, target_minimum=0.0)
    assert judge("AM407", facts) is None


def test_no_logarithm_for_a_narrow_range(
    judge: Callable[[str, Facts], Finding | None], spoil_evaluation: Callable[..., Facts], regression: Facts
) -> None:
    facts = with_residuals(regression, spoil_evaluation, spread_growth=0.45, target_minimum=100.0)
    assert judge("AM407", facts) is None


def test_silent_otherwise(judge: Callable[[str, Facts], Finding | None], regression: Facts) -> None:
    assert judge("AM407", regression) is None
    assert judge("AM407", Facts()) is None
