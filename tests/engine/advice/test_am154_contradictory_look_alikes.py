"""AM154: look-alikes with different labels."""

from __future__ import annotations

from collections.abc import Callable

from engine.advice import Facts
from engine.specs.evaluation import Finding
from engine.specs.picture_findings import Contradiction

Judge = Callable[[str, Facts], Finding | None]


def test_fires_with_the_labels(judge: Judge, colours: Facts, spoil_pictures: Callable[..., Facts]) -> None:
    group = Contradiction(
        pictures=((1, "a.png", "red", ""), (2, "b.png", "blue", ""), (3, "c.png", "red", ""))
    )
    finding = judge("AM154", spoil_pictures(colours, contradicted=4, contradictions=(group,)))
    assert finding is not None and finding.severity == "issue"
    assert finding.evidence == (
        "4 groups of pictures that look alike have different labels, such as 'red', 'blue'."
    )


def test_silent_otherwise(judge: Judge, colours: Facts, binary: Facts) -> None:
    assert judge("AM154", colours) is None
    assert judge("AM154", binary) is None
    assert judge("AM154", Facts()) is None
