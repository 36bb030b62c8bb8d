"""AM301: a gap between training and validation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from engine.advice import Facts
from engine.specs.evaluation import Finding
from tests.engine.made_learning import learning_curve


def scored(facts: Facts, *, train: float, valid: float) -> Facts:
    leading = replace(facts.models[0], train_score=train, score=valid)
    return replace(facts, models=(leading, *facts.models[1:]))


def test_fires_with_the_lost_share(judge: Callable[[str, Facts], Finding | None], binary: Facts) -> None:
    finding = judge("AM301", scored(binary, train=1.0, valid=0.78))
    assert finding is not None and finding.severity == "tip"
    assert "1 on training rows, 0.78 in validation. 44 %" in finding.evidence


def test_errors_count_the_other_way(judge: Callable[[str, Facts], Finding | None], regression: Facts) -> None:
    finding = judge("AM301", scored(regression, train=1.0, valid=30.0))
    assert finding is not None and finding.severity == "issue"


def test_a_forest_that_knows_its_rows_is_normal(
    judge: Callable[[str, Facts], Finding | None], binary: Facts
) -> None:
    assert judge("AM301", scored(binary, train=1.0, valid=0.9)) is None


def test_asked_before_the_test_it_takes_the_baseline_it_is_given(
    judge: Callable[[str, Facts], Finding | None], binary: Facts
) -> None:
    early = replace(scored(binary, train=1.0, valid=0.6), evaluation=None)
    assert judge("AM301", early) is None
    assert judge("AM301", replace(early, baseline_score=0.5)) is not None


def test_rows_are_not_asked_for_where_they_were_shown_to_change_little(
    judge: Callable[[str, Facts], Finding | None], binary: Facts
) -> None:
    gap = scored(binary, train=1.0, valid=0.78)
    for curve, asks in ((learning_curve(), True), (learning_curve(gain=0.001, low=0.0, high=0.004), False)):
        finding = judge("AM301", replace(gap, learning=curve))
        assert finding is not None and ("Collect more rows" in finding.action) == asks


def test_silent_otherwise(judge: Callable[[str, Facts], Finding | None], binary: Facts) -> None:
    assert judge("AM301", binary) is None
    assert judge("AM301", Facts()) is None
