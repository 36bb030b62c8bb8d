"""AM151: few pictures of a class."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from engine.advice import Facts
from engine.specs.evaluation import Finding

Judge = Callable[[str, Facts], Finding | None]


def divided(facts: Facts, **rows: int) -> Facts:
    assert facts.divided is not None
    return replace(facts, divided=replace(facts.divided, classes={"train": rows}))


def test_fires_with_the_rarest(judge: Judge, colours: Facts) -> None:
    finding = judge("AM151", divided(colours, blue=300, green=49, red=31))
    assert finding is not None and finding.severity == "tip"
    assert finding.evidence == "Fewer than 50 pictures: 'red', 'green'. 'red' has 31."
    grave = judge("AM151", divided(colours, blue=300, green=50, red=19))
    assert grave is not None and grave.severity == "issue"


def test_silent_at_fifty_and_for_tables(judge: Judge, colours: Facts, binary: Facts) -> None:
    assert judge("AM151", divided(colours, blue=50, green=50, red=50)) is None
    assert judge("AM151", divided(binary, no=300, yes=10)) is None


def test_the_rule_for_rows_leaves_pictures_to_it(judge: Judge, colours: Facts) -> None:
    assert judge("AM107", divided(colours, blue=300, green=300, red=5)) is None


def test_silent_otherwise(judge: Judge, colours: Facts, binary: Facts) -> None:
    assert judge("AM151", colours) is None
    assert judge("AM151", binary) is None
    assert judge("AM151", Facts()) is None
