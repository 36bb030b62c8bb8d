"""A healthy run that no rule has anything to say about; each test spoils one thing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from engine.advice import CATALOGUE, Facts
from engine.specs.dataset import ImportSummary
from engine.specs.evaluation import (
    Calibration,
    ClassScore,
    ColumnImportance,
    Comparison,
    Evaluation,
    Finding,
    Importance,
    Interval,
    MetricScore,
    ReliabilityBin,
    Residuals,
    SliceScore,
)
from engine.specs.features import ColumnChoice, FeaturePlan
from engine.specs.profile import ColumnProfile, Profile
from engine.specs.schema import Column, Schema
from engine.specs.split import SplitSpec, SplitSummary
from engine.specs.training import Candidate, ModelRecord, TaskSpec

Judge = Callable[[str, Facts], Finding | None]


@pytest.fixture
def judge() -> Judge:
    """Ask the one rule with a code."""

    def ask(code: str, facts: Facts) -> Finding | None:
        (rule,) = [rule for rule in CATALOGUE if rule.code == code]
        return rule.check(facts)

    return ask


@pytest.fixture
def binary() -> Facts:
    """10,000 rows, two classes, four columns, a good and honest model."""
    score = MetricScore(
        name="roc_auc",
        title="ROC AUC",
        help="",
        greater_is_better=True,
        value=0.92,
        interval=Interval(low=0.91, high=0.93),
        baseline=0.5,
        linear=0.90,
    )
    evaluation = Evaluation(
        task="binary",
        metric="roc_auc",
        rows=2000,
        scores=(score,),
        comparisons=(
            Comparison(other="baseline", gain=0.42, interval=Interval(low=0.41, high=0.43)),
            Comparison(other="linear", gain=0.02, interval=Interval(low=0.01, high=0.03)),
        ),
        classes=(
            ClassScore(label="no", rows=1500, predicted=1550, precision=0.9, recall=0.93, f1=0.91),
            ClassScore(label="yes", rows=500, predicted=450, precision=0.8, recall=0.7, f1=0.75),
        ),
        calibration=Calibration(
            of="positive",
            bins=(
                ReliabilityBin(
                    rows=2000, predicted=0.25, observed=0.24, interval=Interval(low=0.2, high=0.3)
                ),
            ),
            expected_error=0.01,
            chance_error=0.012,
        ),
        slices=(
            SliceScore(
                column="city", value="Bonn", rows=900, score=0.91, interval=Interval(low=0.89, high=0.93)
            ),
        ),
    )
    columns = tuple(_column(name, "number" if name != "city" else "category") for name in "abcd")
    columns += (_column("city", "category"), _column("y", "category"))
    return Facts(
        imported=ImportSummary(
            format="csv", bytes=10**6, rows_read=10_000, rows_imported=10_000, rows_rejected=0
        ),
        schema=Schema(columns=columns),
        profile=Profile(
            rows=10_000,
            duplicate_rows=3,
            columns=(
                *(ColumnProfile(name=c.name, rows=10_000, missing=100, distinct=50) for c in columns[:-1]),
                ColumnProfile(name="y", rows=10_000, missing=0, distinct=2),
            ),
        ),
        task=TaskSpec(target="y", task="binary", metric="roc_auc", classes=("no", "yes")),
        plan=FeaturePlan(
            columns=tuple(ColumnChoice(column=c.name, use=True, reason="") for c in columns[:-1]), views={}
        ),
        split=SplitSpec(splitter="stratified"),
        divided=SplitSummary(
            rows={"train": 6400, "valid": 1600, "test": 2000},
            classes={
                "train": {"no": 4800, "yes": 1600},
                "valid": {"no": 1200, "yes": 400},
                "test": {"no": 1500, "yes": 500},
            },
        ),
        models=(_record("best", 0.923, 0.95), _record("other", 0.90, 0.91)),
        chosen=("best",),
        linear_family="straight",
        evaluation=evaluation,
        importance=Importance(
            metric="roc_auc",
            rows=2000,
            repeats=3,
            columns=tuple(
                ColumnImportance(column=name, loss=loss, low=loss - 0.002, high=loss + 0.002)
                for name, loss in zip(
                    ("a", "b", "c", "d", "city"), (0.1, 0.08, 0.03, 0.02, 0.01), strict=True
                )
            ),
        ),
        time_limit_s=60.0,
    )


@pytest.fixture
def regression(binary: Facts) -> Facts:
    """The same run with a price as target."""
    assert binary.evaluation is not None and binary.profile is not None
    score = MetricScore(
        name="rmse",
        title="RMSE",
        help="",
        greater_is_better=False,
        value=10.0,
        interval=Interval(low=9.5, high=10.5),
        baseline=40.0,
        linear=12.0,
    )
    price = ColumnProfile(
        name="y",
        rows=10_000,
        missing=0,
        distinct=900,
        minimum=5.0,
        maximum=300.0,
        quantiles={"0.01": 8.0, "0.5": 100.0, "0.99": 250.0},
    )
    return replace(
        binary,
        task=TaskSpec(target="y", task="regression", metric="rmse"),
        profile=replace(binary.profile, columns=(*binary.profile.columns[:-1], price)),
        divided=SplitSummary(rows={"train": 6400, "valid": 1600, "test": 2000}),
        models=(_record("best", 10.1, 7.0),),
        evaluation=replace(
            binary.evaluation,
            task="regression",
            metric="rmse",
            scores=(score,),
            comparisons=(
                Comparison(other="baseline", gain=30.0, interval=Interval(low=29.0, high=31.0)),
                Comparison(other="linear", gain=2.0, interval=Interval(low=1.0, high=3.0)),
            ),
            classes=(),
            calibration=None,
            slices=(
                SliceScore(
                    column="city", value="Bonn", rows=900, score=10.4, interval=Interval(low=9.8, high=11.0)
                ),
            ),
            residuals=Residuals(
                mean=0.0,
                std=10.0,
                skewness=0.1,
                spread_growth=0.1,
                quantiles={"0.5": 0.0},
                absolute_quantiles={"0.5": 6.0},
                histogram_edges=(-30.0, 0.0, 30.0),
                histogram_counts=(1000, 1000),
                sample=((1.0, 2.0),),
                target_minimum=5.0,
                target_maximum=300.0,
            ),
        ),
    )


@pytest.fixture
def spoil_evaluation() -> Callable[..., Facts]:
    """Return facts whose evaluation has other parts; `deciding` replaces fields of the deciding score."""

    def spoil(facts: Facts, *, deciding: dict[str, Any] | None = None, **parts: Any) -> Facts:
        assert facts.evaluation is not None
        found = replace(facts.evaluation, **parts)
        if deciding is not None:
            found = replace(found, scores=(replace(found.deciding, **deciding), *found.scores[1:]))
        return replace(facts, evaluation=found)

    return spoil


def _column(name: str, semantic: Any) -> Column:
    physical = "double" if semantic == "number" else "string"
    return Column(name=name, source_name=name, physical=physical, semantic=semantic)


def _record(name: str, score: float, train_score: float) -> ModelRecord:
    return ModelRecord(
        candidate=Candidate(id=name, family="boosted"),
        score=score,
        train_score=train_score,
        metrics={},
        seconds=12.0,
        rows=6400,
        features=10,
        stopped="early",
        curve=tuple((float(i), 1.0 / (i + 1), 1.0 / (i + 1)) for i in range(30)),
    )
