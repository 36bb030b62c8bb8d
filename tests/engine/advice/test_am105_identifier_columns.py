"""AM105: columns that only name the row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from engine.advice import Facts
from engine.specs.evaluation import Finding
from engine.specs.schema import Schema


def with_identifier(facts: Facts, *, used: bool) -> Facts:
    assert facts.schema is not None and facts.plan is not None
    columns = tuple(replace(c, semantic="identifier") if c.name == "a" else c for c in facts.schema.columns)
    choices = tuple(replace(c, use=used) if c.column == "a" else c for c in facts.plan.columns)
    return replace(facts, schema=Schema(columns=columns), plan=replace(facts.plan, columns=choices))


def test_fires_with_the_names(judge: Callable[[str, Facts], Finding | None], binary: Facts) -> None:
    finding = judge("AM105", with_identifier(binary, used=False))
    assert finding is not None and "'a'" in finding.evidence and "--keep 'a'" in finding.option


def test_silent_when_kept_on_purpose(judge: Callable[[str, Facts], Finding | None], binary: Facts) -> None:
    assert judge("AM105", with_identifier(binary, used=True)) is None


def test_silent_otherwise(judge: Callable[[str, Facts], Finding | None], binary: Facts) -> None:
    assert judge("AM105", binary) is None
    assert judge("AM105", Facts()) is None
