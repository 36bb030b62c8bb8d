"""AM411: columns that add nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from engine.advice import Facts
from engine.specs.evaluation import ColumnImportance, Finding


def losing(facts: Facts, *losses: float, repeats: int = 3) -> Facts:
    assert facts.importance is not None
    columns = tuple(
        ColumnImportance(column=name, loss=loss, low=loss - 0.001, high=loss + 0.001)
        for name, loss in zip("abcd", losses, strict=False)
    )
    return replace(facts, importance=replace(facts.importance, columns=columns, repeats=repeats))


def test_fires_with_the_names(judge: Callable[[str, Facts], Finding | None], binary: Facts) -> None:
    finding = judge("AM411", losing(binary, 0.2, -0.001, -0.002, -0.003))
    assert finding is not None and finding.values["first"] == "d"
    assert "(3 of 4): 'd', 'c', 'b'" in finding.evidence


def test_silent_when_time_ran_out_before_three_tries(
    judge: Callable[[str, Facts], Finding | None], binary: Facts
) -> None:
    assert judge("AM411", losing(binary, 0.2, -0.001, -0.002, -0.003, repeats=2)) is None


def test_silent_otherwise(judge: Callable[[str, Facts], Finding | None], binary: Facts) -> None:
    assert judge("AM411", binary) is None
    assert judge("AM411", Facts()) is None
