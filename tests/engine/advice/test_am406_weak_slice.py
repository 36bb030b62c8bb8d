"""AM406: one group that fares clearly worse."""

from __future__ import annotations

from collections.abc import Callable

from engine.advice import Facts
from engine.specs.evaluation import Finding, Interval, SliceScore


def weak(score: float) -> tuple[SliceScore, ...]:
    interval = Interval(low=score - 0.02, high=score + 0.02)
    return (
        SliceScore(column="city", value="Ulm", rows=80, score=score, interval=interval, is_weakest=True),
        SliceScore(column="city", value="Bonn", rows=900, score=0.92, interval=interval),
    )


def test_fires_with_the_group(
    judge: Callable[[str, Facts], Finding | None], spoil_evaluation: Callable[..., Facts], binary: Facts
) -> None:
    finding = judge("AM406", spoil_evaluation(binary, slices=weak(0.8)))
    assert finding is not None
    assert finding.evidence == "Where 'city' is 'Ulm' (80 test rows), ROC AUC is 0.8 instead of 0.92."


def test_silent_when_little_is_lost(
    judge: Callable[[str, Facts], Finding | None], spoil_evaluation: Callable[..., Facts], binary: Facts
) -> None:
    assert judge("AM406", spoil_evaluation(binary, slices=weak(0.87))) is None


def test_silent_otherwise(judge: Callable[[str, Facts], Finding | None], binary: Facts) -> None:
    assert judge("AM406", binary) is None
    assert judge("AM406", Facts()) is None
