"""AM203: dates, but no split by time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from engine.advice import Facts
from engine.specs.evaluation import Finding
from engine.specs.schema import Schema


def dated(facts: Facts, splitter: str) -> Facts:
    assert facts.schema is not None and facts.split is not None
    columns = tuple(replace(c, semantic="datetime") if c.name == "b" else c for c in facts.schema.columns)
    return replace(facts, schema=Schema(columns=columns), split=replace(facts.split, splitter=splitter))


def test_fires_with_the_command(judge: Callable[[str, Facts], Finding | None], binary: Facts) -> None:
    finding = judge("AM203", dated(binary, "random"))
    assert finding is not None and "--split time --split-column 'b'" in finding.option


def test_silent_when_divided_by_time(judge: Callable[[str, Facts], Finding | None], binary: Facts) -> None:
    assert judge("AM203", dated(binary, "time")) is None


def test_silent_otherwise(judge: Callable[[str, Facts], Finding | None], binary: Facts) -> None:
    assert judge("AM203", binary) is None
    assert judge("AM203", Facts()) is None
