"""AM303: the gain over guessing differs much from fold to fold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from engine.advice import Facts
from engine.specs.evaluation import Finding

Judge = Callable[[str, Facts], Finding | None]


def folded(facts: Facts, *scores: float, guessing: float = 0.5) -> Facts:
    leading = replace(facts.models[0], fold_scores=scores)
    return replace(facts, models=(leading, *facts.models[1:]), baseline_folds=tuple(guessing for _ in scores))


def test_fires_with_the_range(judge: Judge, binary: Facts) -> None:
    finding = judge("AM303", folded(binary, 0.95, 0.60, 0.70, 0.90, 0.85))
    assert finding is not None and finding.severity == "tip"
    assert "each of 5 folds: from 0.1 to 0.45 (boosted)" in finding.evidence


@pytest.mark.parametrize("metric", ["rmse", "roc_auc"])
def test_silent_when_folds_agree(judge: Judge, binary: Facts, metric: str) -> None:
    assert binary.task is not None
    facts = replace(binary, task=replace(binary.task, metric=metric))
    scores = (0.90, 0.91, 0.92, 0.93, 0.94) if metric == "roc_auc" else (0.10, 0.09, 0.08, 0.07, 0.06)
    assert judge("AM303", folded(facts, *scores)) is None


def test_a_hard_fold_that_is_hard_to_guess_too_is_no_reason(judge: Judge, binary: Facts) -> None:
    assert binary.task is not None
    facts = replace(binary, task=replace(binary.task, metric="rmse"))
    facts = replace(folded(facts, 5.0, 9.0), baseline_folds=(10.0, 14.0))
    assert judge("AM303", facts) is None


def test_silent_without_folds(judge: Judge, binary: Facts) -> None:
    assert judge("AM303", binary) is None
    assert judge("AM303", replace(binary, baseline_folds=(0.5, 0.5))) is None
    assert judge("AM303", Facts()) is None
