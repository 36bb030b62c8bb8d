"""How large a run's training data is going to be, estimated before its features are made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.usecases.refusals import Conflict
from app.usecases.run_files import RunFiles
from engine.families.base import DataShape
from engine.specs.features import GRAPH_VIEWS, Feature, FeaturePlan, ViewName
from engine.specs.params import complete
from engine.specs.profile import Profile
from engine.specs.training import TaskSpec
from engine.transforms import transform
from engine.words import words


@dataclass(frozen=True, kw_only=True)
class Shapes:
    """The question, and the size of the training rows by view."""

    task: TaskSpec
    by_view: Mapping[ViewName, DataShape]


def estimated_shapes(files: RunFiles, weights: tuple[str, ...] = ()) -> Shapes:
    """Return the sizes from plan, profile and split; the widths are the most they can be.

    weights: as of a `DataShape`.
    Raises: Conflict until the run is prepared.
    """
    task, plan, profile, divided = files.task, files.plan, files.profile, files.divided
    if task is None or plan is None or profile is None or divided is None:
        raise Conflict(
            words("The run is not prepared yet, so its size is not known."),
            remedy=words("Wait until features and split are done."),
        )
    usable = files.spec.usable(plan, files.leaks)
    return Shapes(
        task=task,
        by_view={
            view: DataShape(
                rows=divided.rows.get("train", 0),
                features=_width(usable, view, profile, len(task.classes)),
                task=task.task,
                outputs=task.outputs,
                sample_shape=_sample_shape(usable, view),
                weights=weights,
            )
            for view in usable.filled_views
        },
    )


def _sample_shape(plan: FeaturePlan, view: ViewName) -> tuple[int, ...]:
    """The shape of a picture as models see it; () where rows are flat."""
    if view not in GRAPH_VIEWS:
        return ()
    side = int(plan.views[view][0].steps[-1].params["side"])
    return (side, side, 3)


def _width(plan: FeaturePlan, view: str, profile: Profile, classes: int) -> int:
    return sum(_columns(feature, profile, classes) for feature in plan.views.get(view, ()))


def _columns(feature: Feature, profile: Profile, classes: int) -> int:
    if not feature.steps:
        return 1
    last = feature.steps[-1]
    owner = transform(last.transform)
    params = complete(owner.params, last.params, owner.name)
    return owner.width(params, distinct=profile.by_name[feature.column].distinct, classes=classes)
