"""AM412: bounds that hold fewer test rows than they promise."""

from __future__ import annotations

from collections.abc import Callable

from engine.advice import Facts
from engine.evaluation.calibration import wilson
from engine.specs.evaluation import Coverage, Finding

Judge = Callable[[str, Facts], Finding | None]


def held(share: float, rows: int = 2_000) -> Coverage:
    return Coverage(level=0.9, share=share, interval=wilson(share, rows), mean_width=4.0, rows=rows)


def test_fires_where_chance_does_not_explain_it(
    judge: Judge, spoil_evaluation: Callable[..., Facts], regression: Facts
) -> None:
    finding = judge("AM412", spoil_evaluation(regression, coverage=held(0.85)))
    assert finding is not None and finding.severity == "tip"
    assert "promise to hold 90.0 %" in finding.evidence and "they hold 85.0 %" in finding.evidence
    worse = judge("AM412", spoil_evaluation(regression, coverage=held(0.6)))
    assert worse is not None and worse.severity == "issue"


def test_silent_where_it_may_be_chance_or_hardly_matters(
    judge: Judge, spoil_evaluation: Callable[..., Facts], regression: Facts
) -> None:
    assert judge("AM412", spoil_evaluation(regression, coverage=held(0.85, rows=60))) is None
    assert judge("AM412", spoil_evaluation(regression, coverage=held(0.89, rows=1_000_000))) is None
    assert judge("AM412", spoil_evaluation(regression, coverage=held(0.99))) is None
    assert judge("AM412", regression) is None
    assert judge("AM412", Facts()) is None
