"""A search over made families whose best params are known, without training anything."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from engine.errors import WorkFailed
from engine.families.base import Budget, DataShape, Family, Fitted, Progress, Proposal, TrainingData
from engine.search.ledger import Ledger
from engine.search.study import Study
from engine.specs.params import Param
from engine.specs.search import SearchSpec
from engine.specs.training import Candidate

SHAPE = DataShape(rows=100, features=4, task="regression", outputs=1)
SHAPES: Mapping[str, DataShape] = {"tree": SHAPE, "linear": SHAPE, "deep": SHAPE}
PARAMS = (
    Param(name="share", kind="float", default=0.5, low=0.0, high=1.0, help="Best at 0.3."),
    Param(name="pace", kind="float", default=1.0, low=0.001, high=10.0, log=True, help="Best at 0.1."),
    Param(name="kind", kind="choice", default="a", choices=("a", "b", "c"), help="Best at b."),
    Param(name="count", kind="int", default=3, low=1, high=9, help="Best at 4."),
    Param(name="rounds", kind="int", default=7, low=1, high=99, help="Not searched.", searched=False),
)


def _builds_nothing(
    params: Mapping[str, Any], data: TrainingData, budget: Budget, progress: Progress
) -> Fitted:
    raise WorkFailed("A made family trains nothing.", remedy="Use a real one.")


def made_family(
    name: str,
    refuses: Callable[[DataShape, Mapping[str, Any]], str | None] = lambda shape, params: None,
    params: tuple[Param, ...] = PARAMS,
    proposed: Mapping[str, Any] | None = None,
) -> Family:
    """Return a family that declares params and trains nothing."""
    return Family(
        name=name,
        title=name.title(),
        summary="",
        tasks=("regression",),
        view="tree",
        build=_builds_nothing,
        params=params,
        refuses=refuses,
        proposes=lambda shape: () if proposed is None else (Proposal(order=1, reason="", params=proposed),),
    )


#: Ledgers of made studies; the fixture in conftest.py closes them.
OPENED: list[Ledger] = []

FIRST, SECOND = made_family("first"), made_family("second")


def made_study(
    folder: Path,
    spec: SearchSpec | None = None,
    families: Sequence[Family] = (FIRST, SECOND),
    start: Sequence[Candidate] = (),
    *,
    greater_is_better: bool = False,
) -> Study:
    """Return a study on the ledger in `folder`."""
    ledger = Ledger(folder / "search.jsonl")
    OPENED.append(ledger)
    return Study(
        spec or SearchSpec(sampler="random", pruner="none"),
        families,
        SHAPES,
        ledger,
        greater_is_better=greater_is_better,
        start=start,
    )


def made_loss(candidate: Candidate) -> float:
    """Return 0 at the best params, more elsewhere."""
    params = candidate.params
    return float(
        (params["share"] - 0.3) ** 2
        + 0.1 * math.log10(params["pace"] / 0.1) ** 2
        + 0.05 * (params["kind"] != "b")
        + 0.01 * abs(params["count"] - 4)
        + 0.02 * (candidate.family == "second")
    )
