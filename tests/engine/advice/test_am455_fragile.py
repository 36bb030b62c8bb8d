"""AM455: slightly worse pictures are answered much worse."""

from __future__ import annotations

from collections.abc import Callable

from engine.advice import Facts
from engine.specs.evaluation import Finding
from engine.specs.picture_findings import Robustness

Judge = Callable[[str, Facts], Finding | None]

Robust = Callable[..., Robustness]


def test_fires_with_the_worst_change(
    judge: Judge, colours: Facts, spoil_pictures: Callable[..., Facts], robustness: Robust
) -> None:
    finding = judge("AM455", spoil_pictures(colours, robustness=robustness(0.75)))
    assert finding is not None and finding.severity == "tip"
    assert finding.evidence == "Accuracy: 0.9 on 120 test pictures, 0.75 where the same ones are darker."
    assert finding.action.endswith("collect pictures that are darker.")
    grave = judge("AM455", spoil_pictures(colours, robustness=robustness(0.59)))
    assert grave is not None and grave.severity == "issue"


def test_fires_when_an_error_grows_by_a_third(
    judge: Judge, colours: Facts, spoil_pictures: Callable[..., Facts], robustness: Robust
) -> None:
    assert (
        judge("AM455", spoil_pictures(colours, robustness=robustness(13.3, metric="rmse", clean=10.0)))
        is not None
    )
    assert (
        judge("AM455", spoil_pictures(colours, robustness=robustness(12.0, metric="rmse", clean=10.0)))
        is None
    )


def test_silent_about_small_drops_and_few_pictures(
    judge: Judge, colours: Facts, spoil_pictures: Callable[..., Facts], robustness: Robust
) -> None:
    assert judge("AM455", spoil_pictures(colours, robustness=robustness(0.82))) is None
    assert judge("AM455", spoil_pictures(colours, robustness=robustness(0.2, rows=49))) is None
    assert judge("AM455", spoil_pictures(colours, robustness=None)) is None


def test_silent_otherwise(judge: Judge, colours: Facts, binary: Facts) -> None:
    assert judge("AM455", colours) is None
    assert judge("AM455", binary) is None
    assert judge("AM455", Facts()) is None
