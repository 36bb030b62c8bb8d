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

#: Transforms that give several columns, without a dial for how many: parts of a date, shapes of a text.
_SEVERAL = frozenset({"date_parts", "text_shape"})
_PARTS = 8
#: Transform → the dial that says how many columns it gives at most; all others give one.
_DIALS: Mapping[str, str] = {"one_hot": "top", "text_counts": "words", "target_encode": "max_classes"}


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
    """Columns that a feature becomes: as many as its last transform's dial allows, or as many as there are values."""
    if not feature.steps:
        return 1
    last = feature.steps[-1]
    if last.transform in _SEVERAL:
        return _PARTS
    dial = _DIALS.get(last.transform)
    if dial is None:
        return 1
    owner = transform(last.transform)
    default = next(param.default for param in owner.params if param.name == dial)
    most = int(last.params.get(dial, default))
    facts = profile.by_name.get(feature.column)
    if facts is None or last.transform != "one_hot":
        return most
    # A category has one column per value, and one each for the rest and for what is missing.
    return min(most, facts.distinct) + 2
