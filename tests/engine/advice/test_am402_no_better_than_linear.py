"""AM402: a linear model does as well."""

from __future__ import annotations

from collections.abc import Callable

from engine.advice import Facts
from engine.specs.evaluation import Comparison, Finding, Interval


def gaining(low: float, high: float) -> tuple[Comparison, ...]:
    return (Comparison(other="linear", gain=(low + high) / 2, interval=Interval(low=low, high=high)),)


def test_fires_with_the_family_to_prefer(
    judge: Callable[[str, Facts], Finding | None], spoil_evaluation: Callable[..., Facts], binary: Facts
) -> None:
    finding = judge("AM402", spoil_evaluation(binary, comparisons=gaining(-0.01, 0.02)))
    assert finding is not None and finding.severity == "tip"
    assert "--families straight" in finding.option and "a linear model 0.9" in finding.evidence


def test_surely_worse_is_an_issue(
    judge: Callable[[str, Facts], Finding | None], spoil_evaluation: Callable[..., Facts], binary: Facts
) -> None:
    finding = judge("AM402", spoil_evaluation(binary, comparisons=gaining(-0.03, -0.01)))
    assert finding is not None and finding.severity == "issue"


def test_silent_when_the_linear_model_was_chosen(
    judge: Callable[[str, Facts], Finding | None], spoil_evaluation: Callable[..., Facts], binary: Facts
) -> None:
    assert judge("AM402", spoil_evaluation(binary, comparisons=gaining(0.0, 0.0))) is None


def test_silent_otherwise(judge: Callable[[str, Facts], Finding | None], binary: Facts) -> None:
    assert judge("AM402", binary) is None
    assert judge("AM402", Facts()) is None
