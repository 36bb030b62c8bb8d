"""A whole report of a small, real evaluation, with names that try to break out of the page."""

from __future__ import annotations

import numpy as np
import pytest

from engine.evaluation.evaluate import evaluate
from engine.evaluation.margins import fit_margins
from engine.specs.evaluation import ColumnImportance, Finding, Importance
from engine.specs.report import ColumnFacts, DataFacts, LeaderboardRow, Report
from engine.specs.training import TaskSpec

HOSTILE = "<script>alert(1)</script>&\"'価格{{ 7*7 }}"


@pytest.fixture
def hostile() -> str:
    """Markup, quotes, a template and wide letters."""
    return HOSTILE


@pytest.fixture(scope="session")
def report() -> Report:
    """Binary; every name from the data is hostile."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 400).astype(float)
    p = np.clip(0.3 * y + 0.7 * rng.random(400), 0.01, 0.99)
    task = TaskSpec(target=HOSTILE, task="binary", metric="roc_auc", classes=("no", HOSTILE))
    evaluation = evaluate(
        task,
        y,
        {"chosen": np.column_stack((1 - p, p)), "baseline": np.full((400, 2), 0.5)},
        slices={HOSTILE: np.array([HOSTILE, ""] * 200, dtype=object)},
    )
    return Report(
        title=HOSTILE,
        created_at="2026-01-01T00:00:00+00:00",
        task=task,
        data=DataFacts(name=HOSTILE, rows=2000, columns=2),
        columns=(
            ColumnFacts(
                name=HOSTILE,
                semantic="category",
                missing_share=0.5,
                distinct=2,
                used=True,
                reason=HOSTILE,
                example=HOSTILE,
            ),
        ),
        leaderboard=(
            LeaderboardRow(
                id="a", family="a", title=HOSTILE, params={HOSTILE: HOSTILE}, score=0.8, is_chosen=True
            ),
            LeaderboardRow(id="b", family="b", title="Too slow", refused=HOSTILE),
        ),
        evaluation=evaluation,
        importance=Importance(
            metric="roc_auc",
            rows=400,
            repeats=3,
            columns=(ColumnImportance(column=HOSTILE, loss=0.1, low=0.09, high=0.11),),
        ),
        findings=(
            Finding(
                code="AM101", stage="data", severity="issue", title="T", evidence=HOSTILE, action=HOSTILE
            ),
        ),
    )


@pytest.fixture(scope="session")
def regression_report(report: Report) -> Report:
    """The same report of a model that gives a number."""
    rng = np.random.default_rng(1)
    y = rng.normal(100.0, 20.0, 300)
    task = TaskSpec(target="price", task="regression", metric="rmse")
    scores = (y + rng.normal(0.0, 5.0, 300))[:, None]
    linear = np.full((300, 1), 99.0)
    three = {"chosen": scores, "baseline": np.full((300, 1), 100.0), "linear": linear}
    found = evaluate(task, y, three, margins=fit_margins(y, scores))
    return Report(
        title=report.title, created_at=report.created_at, task=task, evaluation=found, columns=report.columns
    )
