"""Coded findings, each with evidence and one action. A new rule is a class and a word in a tuple."""

from __future__ import annotations

from engine.advice import (
    data,
    evaluation,
    learning,
    picture_data,
    picture_evaluation,
    picture_training,
    split,
    training,
)
from engine.advice.rule import Facts, Rule
from engine.specs.evaluation import Finding

__all__ = ["CATALOGUE", "Facts", "Rule", "advise"]

CATALOGUE: tuple[Rule, ...] = (
    *data.RULES,
    *picture_data.RULES,
    *split.RULES,
    *training.RULES,
    *picture_training.RULES,
    *evaluation.RULES,
    *learning.RULES,
    *picture_evaluation.RULES,
)


def advise(facts: Facts) -> tuple[Finding, ...]:
    """Return every finding on what is known so far: issues first, then tips, each by code."""
    found = [finding for rule in CATALOGUE if (finding := rule.check(facts)) is not None]
    return tuple(sorted(found, key=lambda finding: (finding.severity != "issue", finding.code)))
