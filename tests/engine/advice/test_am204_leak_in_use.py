"""AM204: a column in use that knows the answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from engine.advice import Facts
from engine.specs.evaluation import Finding
from engine.specs.split import Leak

LEAKS = (
    Leak(column="a", kind="predicts", score=0.99, message="'a' alone settles 99.0 %."),
    Leak(column="b", kind="copy", score=1.0, message="'b' is the target in other words."),
    Leak(column="c", kind="identifier", score=1.0, message="'c' names each row."),
)


def leaking(facts: Facts, *, used: bool) -> Facts:
    assert facts.plan is not None
    choices = tuple(replace(c, use=used or c.column in ("d", "city")) for c in facts.plan.columns)
    return replace(facts, leaks=LEAKS, plan=replace(facts.plan, columns=choices))


def test_fires_with_the_strongest_first(judge: Callable[[str, Facts], Finding | None], binary: Facts) -> None:
    finding = judge("AM204", leaking(binary, used=True))
    assert finding is not None and finding.severity == "issue"
    assert finding.evidence == "'b' is the target in other words. Such columns in use: 'b', 'a'."
    assert finding.option == "--drop 'b'"


def test_silent_when_left_out(judge: Callable[[str, Facts], Finding | None], binary: Facts) -> None:
    assert judge("AM204", leaking(binary, used=False)) is None


def test_silent_otherwise(judge: Callable[[str, Facts], Finding | None], binary: Facts) -> None:
    assert judge("AM204", binary) is None
    assert judge("AM204", Facts()) is None
