"""AM451: two classes that look alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from engine.advice import Facts
from engine.specs.evaluation import Finding
from engine.specs.picture_findings import ConfusedPair

Judge = Callable[[str, Facts], Finding | None]


def pair(rows: int, back: int, expected: float, of: int = 40) -> ConfusedPair:
    either = (rows + back) / (2 * of)
    return ConfusedPair(
        actual="blue", answered="green", rows=rows, back=back, of=of, either=either, expected=expected
    )


def test_fires_with_both_classes(judge: Judge, colours: Facts, spoil_pictures: Callable[..., Facts]) -> None:
    finding = judge("AM451", spoil_pictures(colours, confused=(pair(12, 8, 10.0),)))
    assert finding is not None and finding.severity == "tip"
    assert finding.evidence == (
        "25 % of the test pictures of 'blue' and 'green' are taken for the other class "
        "(20 pictures; evenly spread errors would make 10)."
    )


def test_silent_when_rare_few_or_as_chance_has_it(
    judge: Judge, colours: Facts, spoil_pictures: Callable[..., Facts]
) -> None:
    for one in (pair(8, 4, 1.0), pair(3, 1, 0.5, of=6), pair(12, 8, 16.0)):
        assert judge("AM451", spoil_pictures(colours, confused=(one,))) is None


def test_silent_with_two_classes_only(
    judge: Judge, colours: Facts, spoil_pictures: Callable[..., Facts]
) -> None:
    assert colours.task is not None
    two = replace(colours, task=replace(colours.task, classes=("blue", "green")))
    assert judge("AM451", spoil_pictures(two, confused=(pair(12, 8, 10.0),))) is None


def test_silent_otherwise(judge: Judge, colours: Facts, binary: Facts) -> None:
    assert judge("AM451", colours) is None
    assert judge("AM451", binary) is None
    assert judge("AM451", Facts()) is None
