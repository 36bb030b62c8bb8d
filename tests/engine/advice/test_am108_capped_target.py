"""AM108: a target cut off at its maximum."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from engine.advice import Facts
from engine.specs.evaluation import Finding


def with_quantiles(facts: Facts, distinct: int = 900, **quantiles: float) -> Facts:
    assert facts.profile is not None
    *others, target = facts.profile.columns
    found = {"0.01": 8.0, "0.5": 100.0, "0.95": quantiles["q95"], "0.99": quantiles["q99"]}
    capped = replace(target, quantiles=found, distinct=distinct)
    return replace(facts, profile=replace(facts.profile, columns=(*others, capped)))


def test_fires_with_the_share_at_the_maximum(
    judge: Callable[[str, Facts], Finding | None], regression: Facts
) -> None:
    finding = judge("AM108", with_quantiles(regression, q95=300.0, q99=300.0))
    assert finding is not None
    assert finding.evidence == "At least 5 % of the rows have exactly the largest 'y', 300."


def test_a_scale_of_few_steps_is_no_limit(
    judge: Callable[[str, Facts], Finding | None], regression: Facts
) -> None:
    assert judge("AM108", with_quantiles(regression, distinct=10, q95=300.0, q99=300.0)) is None


def test_silent_otherwise(judge: Callable[[str, Facts], Finding | None], regression: Facts) -> None:
    assert judge("AM108", regression) is None
    assert judge("AM108", Facts()) is None
