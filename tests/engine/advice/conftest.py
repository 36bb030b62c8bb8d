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
from engine.specs.features import ColumnChoice, Feature, FeaturePlan, Step
from engine.specs.picture_findings import (
    ConfusedPair,
    Gaze,
    LabelSuspect,
    PictureFindings,
    Robustness,
    StrainScore,
    Telling,
)
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
def colours(binary: Facts) -> Facts:
    """600 pictures of three classes that a good model tells apart; of each, 300 × 200 pixels and more were measured."""
    measured = [
        replace(_column(name, "number"), measured_from="image") for name in ("width", "height", "brightness")
    ]
    image = Column(name="image", source_name="image", physical="image", semantic="image")
    schema = Schema(columns=(image, _column("label", "category"), _column("path", "identifier"), *measured))
    sizes = {"width": (300.0, 400.0, 600.0), "height": (200.0, 300.0, 500.0)}
    profiles = [
        ColumnProfile(
            name=name,
            rows=600,
            missing=0,
            distinct=90,
            quantiles=dict(zip(("0.01", "0.25", "0.99"), ends, strict=True)),
        )
        for name, ends in sizes.items()
    ]
    view = Feature(name="image", column="image", steps=(Step(transform="squeeze", params={"side": 64}),))
    assert binary.evaluation is not None
    accuracy = MetricScore(
        name="accuracy", title="Accuracy", help="", greater_is_better=True, value=0.9, baseline=0.4
    )
    return replace(
        binary,
        schema=schema,
        profile=Profile(rows=600, duplicate_rows=0, columns=tuple(profiles)),
        task=TaskSpec(target="label", task="multiclass", metric="accuracy", classes=("blue", "green", "red")),
        plan=FeaturePlan(
            columns=(ColumnChoice(column="image", use=True, reason=""),), views={"pixels": (view,)}
        ),
        divided=SplitSummary(
            rows={"train": 384, "valid": 96, "test": 120},
            classes={
                "train": {"blue": 128, "green": 128, "red": 128},
                "test": {"blue": 40, "green": 40, "red": 40},
            },
        ),
        evaluation=replace(binary.evaluation, scores=(accuracy,)),
        pictures=PictureFindings(
            image="image",
            rows=120,
            judged=216,
            suspected=1,
            suspects=(_suspect(1),),
            confused=(
                ConfusedPair(
                    actual="blue", answered="green", rows=3, back=1, of=40, either=0.05, expected=2.0
                ),
            ),
            robustness=_robustness(0.88),
            gaze=Gaze(pictures=30, border_share=0.4, border_area=0.4375, classes=()),
            telling=(Telling(column="brightness", skill=0.1, score=0.4, guessing=0.33),),
        ),
    )


@pytest.fixture
def spoil_pictures() -> Callable[..., Facts]:
    """Return facts whose picture findings have other parts."""

    def spoil(facts: Facts, **parts: Any) -> Facts:
        assert facts.pictures is not None
        return replace(facts, pictures=replace(facts.pictures, **parts))

    return spoil


@pytest.fixture
def suspects() -> Callable[[int], tuple[LabelSuspect, ...]]:
    """Return some doubtful labels."""
    return lambda count: tuple(_suspect(row) for row in range(count))


@pytest.fixture
def robustness() -> Callable[..., Robustness]:
    """Return how a model fares where pictures are darker, and hardly worse where they are noisy."""
    return _robustness


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


def _suspect(row: int) -> LabelSuspect:
    return LabelSuspect(
        row=row,
        path=f"{row}.png",
        held_in="test",
        given="blue",
        suggested="red",
        given_score=0.02,
        score=0.95,
    )


def _robustness(
    darker: float, *, metric: str = "accuracy", clean: float = 0.9, rows: int = 120
) -> Robustness:
    return Robustness(
        metric=metric,
        title="Accuracy" if metric == "accuracy" else "RMSE",
        rows=rows,
        clean=clean,
        strains=(
            StrainScore(kind="noise", title="noisy", help="", scores=(clean, clean, None)),
            StrainScore(kind="dark", title="darker", help="", scores=(None, darker, None)),
        ),
    )


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
