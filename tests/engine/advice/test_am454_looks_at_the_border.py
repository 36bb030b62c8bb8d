"""AM454: the model looks at the edges."""

from __future__ import annotations

from collections.abc import Callable

from engine.advice import Facts
from engine.specs.evaluation import Finding
from engine.specs.picture_findings import Gaze

Judge = Callable[[str, Facts], Finding | None]


def gaze(share: float, pictures: int = 30) -> Gaze:
    return Gaze(pictures=pictures, border_share=share, border_area=0.4375, classes=())


def test_fires_with_the_shares(judge: Judge, colours: Facts, spoil_pictures: Callable[..., Facts]) -> None:
    finding = judge("AM454", spoil_pictures(colours, gaze=gaze(0.8)))
    assert finding is not None and finding.severity == "tip"
    assert "80 % of what the answer hangs on" in finding.evidence
    assert "44 % of a picture" in finding.evidence


def test_silent_below_and_on_few_pictures(
    judge: Judge, colours: Facts, spoil_pictures: Callable[..., Facts]
) -> None:
    assert judge("AM454", spoil_pictures(colours, gaze=gaze(0.74))) is None
    assert judge("AM454", spoil_pictures(colours, gaze=gaze(0.9, pictures=9))) is None
    assert judge("AM454", spoil_pictures(colours, gaze=None)) is None


def test_silent_otherwise(judge: Judge, colours: Facts, binary: Facts) -> None:
    assert judge("AM454", colours) is None
    assert judge("AM454", binary) is None
    assert judge("AM454", Facts()) is None
