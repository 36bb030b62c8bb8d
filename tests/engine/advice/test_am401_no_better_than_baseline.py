"""AM401: not surely better than guessing."""

from __future__ import annotations

from collections.abc import Callable

from engine.advice import Facts
from engine.specs.evaluation import Comparison, Finding, Interval


def gaining(low: float) -> tuple[Comparison, ...]:
    return (Comparison(other="baseline", gain=0.01, interval=Interval(low=low, high=0.03)),)


def test_fires_when_the_gain_may_be_nothing(
    judge: Callable[[str, Facts], Finding | None], spoil_evaluation: Callable[..., Facts], binary: Facts
) -> None:
    finding = judge("AM401", spoil_evaluation(binary, comparisons=gaining(-0.01)))
    assert finding is not None and finding.severity == "issue"
    assert "between -0.01 and 0.03" in finding.evidence and "'y'" in finding.action


def test_silent_when_surely_better(
    judge: Callable[[str, Facts], Finding | None], spoil_evaluation: Callable[..., Facts], binary: Facts
) -> None:
    assert judge("AM401", spoil_evaluation(binary, comparisons=gaining(0.001))) is None


def test_silent_otherwise(judge: Callable[[str, Facts], Finding | None], binary: Facts) -> None:
    assert judge("AM401", binary) is None
    assert judge("AM401", Facts()) is None
