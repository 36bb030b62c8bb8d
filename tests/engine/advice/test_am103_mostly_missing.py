"""AM103: columns that are mostly empty."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from engine.advice import Facts
from engine.specs.evaluation import Finding


def emptied(facts: Facts, **missing: int) -> Facts:
    assert facts.profile is not None
    columns = tuple(replace(c, missing=missing.get(c.name, c.missing)) for c in facts.profile.columns)
    return replace(facts, profile=replace(facts.profile, columns=columns))


def test_fires_with_the_emptiest_first(judge: Callable[[str, Facts], Finding | None], binary: Facts) -> None:
    finding = judge("AM103", emptied(binary, a=5_000, b=9_000))
    assert finding is not None and finding.values["worst"] == "b" and finding.values["count"] == 2
    assert "'b', 'a'" in finding.evidence and "90.0 %" in finding.evidence


def test_a_column_that_is_not_used_does_not_matter(
    judge: Callable[[str, Facts], Finding | None], binary: Facts
) -> None:
    assert binary.plan is not None
    unused = tuple(replace(choice, use=choice.column != "b") for choice in binary.plan.columns)
    facts = replace(emptied(binary, b=9_000), plan=replace(binary.plan, columns=unused))
    assert judge("AM103", facts) is None


def test_silent_otherwise(judge: Callable[[str, Facts], Finding | None], binary: Facts) -> None:
    assert judge("AM103", binary) is None
    assert judge("AM103", Facts()) is None
