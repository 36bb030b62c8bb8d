"""AM452: labels that are probably wrong."""

from __future__ import annotations

from collections.abc import Callable

from engine.advice import Facts
from engine.specs.evaluation import Finding
from engine.specs.picture_findings import LabelSuspect

Judge = Callable[[str, Facts], Finding | None]

Suspects = Callable[[int], tuple[LabelSuspect, ...]]


def test_fires_with_the_first(
    judge: Judge, colours: Facts, spoil_pictures: Callable[..., Facts], suspects: Suspects
) -> None:
    finding = judge("AM452", spoil_pictures(colours, suspected=6, suspects=suspects(6)))
    assert finding is not None and finding.severity == "tip"
    assert finding.evidence == (
        "6 of 216 pictures (2.8 %) that the model did not learn from seem to have a wrong label. "
        "First of them: 'blue' that looks like 'red'."
    )
    many = judge("AM452", spoil_pictures(colours, suspected=20, suspects=suspects(20)))
    assert many is not None and many.severity == "issue"


def test_silent_when_the_model_is_often_wrong_itself(
    judge: Judge,
    colours: Facts,
    spoil_pictures: Callable[..., Facts],
    spoil_evaluation: Callable[..., Facts],
    suspects: Suspects,
) -> None:
    doubted = spoil_pictures(colours, suspected=20, suspects=suspects(20))
    assert judge("AM452", spoil_evaluation(doubted, deciding={"value": 0.69})) is None


def test_silent_about_one_in_a_thousand(
    judge: Judge, colours: Facts, spoil_pictures: Callable[..., Facts], suspects: Suspects
) -> None:
    assert judge("AM452", spoil_pictures(colours, judged=4_000, suspected=4, suspects=suspects(4))) is None


def test_silent_otherwise(judge: Judge, colours: Facts, binary: Facts) -> None:
    assert judge("AM452", colours) is None
    assert judge("AM452", binary) is None
    assert judge("AM452", Facts()) is None
