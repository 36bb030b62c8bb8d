"""AM302: training cut short while improving."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from engine.advice import Facts
from engine.specs.evaluation import Finding


def stopped(facts: Facts, *valid: float) -> Facts:
    curve = tuple((float(i), 0.0, value) for i, value in enumerate(valid))
    leading = replace(facts.models[0], stopped="time", curve=curve)
    return replace(facts, models=(leading, *facts.models[1:]))


def test_fires_with_a_longer_limit(judge: Callable[[str, Facts], Finding | None], binary: Facts) -> None:
    finding = judge("AM302", stopped(binary, *(i / 20 for i in range(20))))
    assert finding is not None and "--time-limit 180" in finding.option
    assert "boosted" in finding.evidence


def test_a_falling_loss_improves_too(judge: Callable[[str, Facts], Finding | None], binary: Facts) -> None:
    assert judge("AM302", stopped(binary, *(1 - i / 20 for i in range(20)))) is not None


def test_silent_when_it_no_longer_improved(
    judge: Callable[[str, Facts], Finding | None], binary: Facts
) -> None:
    assert judge("AM302", stopped(binary, *(min(i, 12) / 20 for i in range(20)))) is None
    assert judge("AM302", stopped(binary)) is None


def test_silent_otherwise(judge: Callable[[str, Facts], Finding | None], binary: Facts) -> None:
    assert judge("AM302", binary) is None
    assert judge("AM302", Facts()) is None
