"""AM351: a gap between training pictures and others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from engine.advice import Facts
from engine.specs.evaluation import Finding

Judge = Callable[[str, Facts], Finding | None]


def scored(facts: Facts, *, train: float, valid: float) -> Facts:
    leading = replace(facts.models[0], train_score=train, score=valid)
    return replace(facts, models=(leading, *facts.models[1:]), baseline_score=0.4)


def test_fires_with_the_lost_share(judge: Judge, colours: Facts) -> None:
    finding = judge("AM351", scored(colours, train=1.0, valid=0.7))
    assert finding is not None and finding.severity == "tip"
    assert "1 on training pictures, 0.7 in validation. 50 %" in finding.evidence
    grave = judge("AM351", scored(colours, train=1.0, valid=0.6))
    assert grave is not None and grave.severity == "issue"


def test_only_one_of_the_two_rules_speaks(judge: Judge, colours: Facts, binary: Facts) -> None:
    assert judge("AM301", scored(colours, train=1.0, valid=0.6)) is None
    assert judge("AM351", scored(binary, train=1.0, valid=0.6)) is None


def test_silent_otherwise(judge: Judge, colours: Facts, binary: Facts) -> None:
    assert judge("AM351", colours) is None
    assert judge("AM351", binary) is None
    assert judge("AM351", Facts()) is None
