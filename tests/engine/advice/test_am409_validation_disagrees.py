"""AM409: validation and test that disagree."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from engine.advice import Facts
from engine.specs.evaluation import Finding


def test_fires_with_both_figures(judge: Callable[[str, Facts], Finding | None], binary: Facts) -> None:
    finding = judge("AM409", replace(binary, valid_score=0.95))
    assert finding is not None and "0.95 in validation, 0.92 on test rows" in finding.evidence


def test_the_score_of_the_whole_answer_goes_before_its_first_member(
    judge: Callable[[str, Facts], Finding | None], binary: Facts
) -> None:
    spread = replace(binary, models=(replace(binary.models[0], score=0.7), binary.models[1]))
    assert judge("AM409", spread) is not None
    assert judge("AM409", replace(spread, valid_score=0.92)) is None


def test_silent_otherwise(judge: Callable[[str, Facts], Finding | None], binary: Facts) -> None:
    assert judge("AM409", binary) is None
    assert judge("AM409", Facts()) is None
