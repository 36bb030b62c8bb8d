"""The configurations that are measured: what families propose, and further points of their spaces."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.errors import AimassError
from engine.families import family
from engine.families.base import DataShape
from engine.specs.features import ViewName
from engine.specs.params import complete
from engine.specs.training import Candidate, TaskSpec
from engine.training.candidates import propose_candidates

#: Time that no proposal on a table needs: what is proposed does not depend on a clock here.
_ANY_TIME_S = 1e9


@dataclass(frozen=True, kw_only=True)
class Point:
    """One point of a family's space that no family proposes by itself.   params: what differs from the defaults."""

    name: str
    family: str
    params: Mapping[str, Any]

    @property
    def id(self) -> str:
        return f"{self.family}-{self.name}"


#: Points away from the proposals: simpler ones, sharper ones, and LightGBM as its library has it.
FURTHER: tuple[Point, ...] = (
    Point(name="sparse", family="linear", params={"penalty": "l1"}),
    Point(name="large", family="decision_tree", params={"depth": 12, "rows_per_leaf": 3}),
    Point(name="few", family="nearest_neighbours", params={"neighbours": 5}),
    Point(name="near", family="svm", params={"cost": 10.0, "reach": 0.4}),
    Point(name="cautious", family="random_forest", params={"columns": "sqrt", "rows_per_leaf": 1}),
    Point(name="thorough", family="extra_trees", params={"columns": "all", "rows_per_leaf": 2}),
    Point(name="plain", family="lightgbm", params={"rounds": 100, "learning_rate": 0.1, "column_share": 1.0,
                                                   "row_share": 1.0, "l2": 0.0}),
    Point(name="simple", family="lightgbm", params={"leaves": 4, "rows_per_leaf": 10, "learning_rate": 0.08}),
    Point(name="simple", family="xgboost", params={"depth": 3, "learning_rate": 0.08, "l2": 3.0}),
    Point(name="simple", family="catboost", params={"depth": 2, "learning_rate": 0.1, "borders": 64}),
)  # fmt: skip


def portfolio(task: TaskSpec, shapes: Mapping[ViewName, DataShape]) -> tuple[Candidate, ...]:
    """Return everything that is measured on training rows of these shapes: proposals, then further points.

    Further points that could not be published at this size are left out.
    """
    try:
        proposed, _ = propose_candidates(task, shapes, time_limit_s=_ANY_TIME_S)
    except AimassError:
        proposed = ()
    return proposed + tuple(
        candidate for point in FURTHER if (candidate := _candidate(point, task, shapes)) is not None
    )


def _candidate(point: Point, task: TaskSpec, shapes: Mapping[ViewName, DataShape]) -> Candidate | None:
    member = family(point.family)
    view = member.view_among(tuple(shapes))
    if view is None or task.task not in member.tasks:
        return None
    params = complete(member.params, point.params, member.name)
    if member.refuses(shapes[view], params) is not None:
        return None
    return Candidate(id=point.id, family=point.family, params=params)
