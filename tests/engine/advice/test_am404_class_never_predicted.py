"""AM404: a class that is never predicted."""

from __future__ import annotations

from collections.abc import Callable

from engine.advice import Facts
from engine.specs.evaluation import ClassScore, Finding


def predicted(*counts: int) -> tuple[ClassScore, ...]:
    return tuple(
        ClassScore(label=label, rows=100, predicted=count, precision=None, recall=None, f1=None)
        for label, count in zip(("no", "yes"), counts, strict=True)
    )


def test_fires_with_the_class(
    judge: Callable[[str, Facts], Finding | None], spoil_evaluation: Callable[..., Facts], binary: Facts
) -> None:
    finding = judge("AM404", spoil_evaluation(binary, classes=predicted(200, 0)))
    assert finding is not None and finding.severity == "issue"
    assert finding.evidence == "Never predicted: 'yes', though 100 test rows are of this kind."


def test_rarely_predicted_is_not_never(
    judge: Callable[[str, Facts], Finding | None], spoil_evaluation: Callable[..., Facts], binary: Facts
) -> None:
    assert judge("AM404", spoil_evaluation(binary, classes=predicted(199, 1))) is None


def test_silent_otherwise(judge: Callable[[str, Facts], Finding | None], binary: Facts) -> None:
    assert judge("AM404", binary) is None
    assert judge("AM404", Facts()) is None
