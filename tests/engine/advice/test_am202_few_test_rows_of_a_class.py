"""AM202: few test rows of a class."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from engine.advice import Facts
from engine.specs.evaluation import Finding


def with_test_rows(facts: Facts, **rows: int) -> Facts:
    assert facts.divided is not None
    return replace(facts, divided=replace(facts.divided, classes={"test": rows}))


def test_fires_with_the_rarest(judge: Callable[[str, Facts], Finding | None], binary: Facts) -> None:
    finding = judge("AM202", with_test_rows(binary, no=500, yes=9))
    assert finding is not None and finding.values["rarest"] == "yes" and finding.values["rows"] == 9


def test_a_class_absent_from_the_test_counts_as_none(
    judge: Callable[[str, Facts], Finding | None], binary: Facts
) -> None:
    finding = judge("AM202", with_test_rows(binary, no=500))
    assert finding is not None and finding.values["rows"] == 0


def test_silent_otherwise(judge: Callable[[str, Facts], Finding | None], binary: Facts) -> None:
    assert judge("AM202", binary) is None
    assert judge("AM202", Facts()) is None
