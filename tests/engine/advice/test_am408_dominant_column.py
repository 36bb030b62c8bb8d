"""AM408: one column that carries the model."""

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


def test_fires_with_the_column(judge: Callable[[str, Facts], Finding | None], binary: Facts) -> None:
    finding = judge("AM408", losing(binary, 0.2, 0.01, 0.01))
    assert finding is not None and finding.values["column"] == "a" and "91 %" in finding.evidence


def test_silent_with_two_columns_or_nothing_to_share(
    judge: Callable[[str, Facts], Finding | None], binary: Facts
) -> None:
    assert judge("AM408", losing(binary, 0.2, 0.01)) is None
    assert judge("AM408", losing(binary, 0.0, -0.1, -0.1)) is None


def test_silent_otherwise(judge: Callable[[str, Facts], Finding | None], binary: Facts) -> None:
    assert judge("AM408", binary) is None
    assert judge("AM408", Facts()) is None
