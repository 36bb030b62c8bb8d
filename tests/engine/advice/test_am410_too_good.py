"""AM410: a score that is nearly perfect."""

from __future__ import annotations

from collections.abc import Callable

from engine.advice import Facts
from engine.specs.evaluation import Finding


def test_fires_and_names_the_first_suspect(
    judge: Callable[[str, Facts], Finding | None], spoil_evaluation: Callable[..., Facts], binary: Facts
) -> None:
    finding = judge("AM410", spoil_evaluation(binary, deciding={"value": 0.9991}))
    assert finding is not None and finding.severity == "issue"
    assert "99.82 %" in finding.evidence and "'a'" in finding.action


def test_an_error_near_nothing_counts_too(
    judge: Callable[[str, Facts], Finding | None], spoil_evaluation: Callable[..., Facts], regression: Facts
) -> None:
    assert judge("AM410", spoil_evaluation(regression, deciding={"value": 0.1})) is not None
    assert judge("AM410", spoil_evaluation(regression, deciding={"value": 0.3})) is None


def test_silent_otherwise(judge: Callable[[str, Facts], Finding | None], binary: Facts) -> None:
    assert judge("AM410", binary) is None
    assert judge("AM410", Facts()) is None
