"""Small made-up knowledge: sets whose best configuration depends on how many rows they have."""

from __future__ import annotations

from engine.recommend.knowledge import Knowledge, KnownSet, Measure
from engine.recommend.meta import MetaFeatures
from engine.specs.training import Candidate


def meta(rows: int = 1_000, columns: int = 10, classes: int = 2) -> MetaFeatures:
    """Return a question of two classes (or `classes`) about numbers alone."""
    task = "binary" if classes == 2 else "multiclass"
    return MetaFeatures(
        task=task, rows=rows, columns=columns, numbers=columns, categories=0, classes=classes, rarest=0.4
    )


def known(name: str, rows: int, scores: dict[str, float], columns: int = 10) -> KnownSet:
    """Return a set on which configurations scored so; guessing gets a half."""
    measures = {one: Measure(score=score, decider=score, seconds=rows / 1e4) for one, score in scores.items()}
    return KnownSet(
        name=name,
        meta=meta(rows, columns),
        guess=Measure(score=0.5, decider=0.5, seconds=0.0),
        measures=measures,
    )


def knowledge() -> Knowledge:
    """Return three small sets that a support vector machine wins, and three large ones that boosted trees win."""
    small = {"svm": 0.9, "lightgbm": 0.7, "linear": 0.6}
    large = {"svm": 0.7, "lightgbm": 0.9, "linear": 0.8}
    return Knowledge(
        sets=(
            *(known(f"small {n}", 100 + n, small, columns=5 + n) for n in range(3)),
            *(known(f"large {n}", 90_000 + n, large, columns=45 + n) for n in range(3)),
        ),
        effort_s=0.01,
    )


def candidates(*names: str) -> tuple[Candidate, ...]:
    """Return candidates called like their families, or like FAMILY-VARIANT."""
    return tuple(Candidate(id=name, family=name.partition("-")[0], reason="as proposed") for name in names)
