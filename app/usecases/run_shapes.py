"""How large a run's training data is going to be, estimated before its features are made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.usecases.refusals import Conflict
from app.usecases.run_files import RunFiles
from engine.families.base import DataShape
from engine.specs.features import VIEWS, Feature, FeaturePlan
from engine.specs.profile import Profile
from engine.specs.training import TaskSpec
from engine.transforms import transform
from engine.words import words

#: Columns that a transform makes which gives several and has no dial for how many: parts of a date, shapes of a text.
_PARTS = 8


@dataclass(frozen=True, kw_only=True)
class Shapes:
    """The question, and the size of the training rows by view."""

    task: TaskSpec
    by_view: Mapping[str, DataShape]


def estimated_shapes(files: RunFiles) -> Shapes:
    """Return the sizes from plan, profile and split; the widths are estimates, a little large.

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
                features=_width(usable, view, profile),
                task=task.task,
                outputs=task.outputs,
            )
            for view in VIEWS
        },
    )


def _width(plan: FeaturePlan, view: str, profile: Profile) -> int:
    return sum(_columns(feature, profile) for feature in plan.views.get(view, ()))


def _columns(feature: Feature, profile: Profile) -> int:
    if not feature.steps:
        return 1
    last = feature.steps[-1]
    owner = transform(last.transform)
    if owner.gives != "block":
        return 1
    dial = next((param for param in owner.params if param.kind == "int"), None)
    if dial is None:
        return _PARTS
    most = int(last.params.get(dial.name, dial.default))
    facts = profile.by_name.get(feature.column)
    # A category has one column per value, and one each for the rest and for what is missing.
    return min(most, facts.distinct) + 2 if facts is not None and facts.mean_words in (None, 1.0) else most
