"""AM403: a figure that is not known well."""

from __future__ import annotations

from collections.abc import Callable

from engine.advice import Facts
from engine.specs.evaluation import Finding, Interval


def test_fires_with_the_width(
    judge: Callable[[str, Facts], Finding | None], spoil_evaluation: Callable[..., Facts], binary: Facts
) -> None:
    wide = spoil_evaluation(binary, deciding={"interval": Interval(low=0.78, high=0.999)})
    finding = judge("AM403", wide)
    assert finding is not None and "between 0.78 and 0.999: 52 %" in finding.evidence


def test_silent_otherwise(judge: Callable[[str, Facts], Finding | None], binary: Facts) -> None:
    assert judge("AM403", binary) is None
    assert judge("AM403", Facts()) is None
