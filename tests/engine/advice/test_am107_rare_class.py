"""AM107: too few rows of a class."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from engine.advice import Facts
from engine.specs.evaluation import Finding


def divided(facts: Facts, **rows: int) -> Facts:
    assert facts.divided is not None
    return replace(facts, divided=replace(facts.divided, classes={"train": rows}))


def test_fires_with_the_rarest(judge: Callable[[str, Facts], Finding | None], binary: Facts) -> None:
    finding = judge("AM107", divided(binary, no=9_971, yes=29))
    assert finding is not None and finding.severity == "issue"
    assert finding.evidence == "Fewer than 30 rows: 'yes'. The rarest, 'yes', has 29."


def test_silent_at_thirty(judge: Callable[[str, Facts], Finding | None], binary: Facts) -> None:
    assert judge("AM107", divided(binary, no=9_970, yes=30)) is None


def test_silent_otherwise(judge: Callable[[str, Facts], Finding | None], binary: Facts) -> None:
    assert judge("AM107", binary) is None
    assert judge("AM107", Facts()) is None
