"""Walk the chain of one feature: the same order of steps for fitting, SQL and ONNX."""

from __future__ import annotations

import json
from collections.abc import Sequence

from engine.errors import InvalidSpec
from engine.specs.codec import to_json
from engine.specs.features import Feature, FeaturePlan, Step
from engine.specs.schema import Column
from engine.transforms import transform
from engine.transforms.base import State, Transform
from engine.transforms.canonical import sql_form


def view_features(plan: FeaturePlan, view: str) -> tuple[Feature, ...]:
    """Return the features of `view`.   Raises: InvalidSpec when the plan has no such view or it is empty."""
    if view not in plan.views:
        raise InvalidSpec(
            f"The feature plan has no view {view!r}. Expected one of {sorted(plan.views)}.",
            remedy=f"Add the view {view!r} to the plan.",
        )
    if not plan.views[view]:
        raise InvalidSpec(
            f"The view {view!r} of the feature plan has no features. Expected at least one.",
            remedy="Use at least one column that is not constant, empty or an identifier.",
        )
    return plan.views[view]


def fitted(step: Step, feature: Feature) -> tuple[Transform, State]:
    """Return the transform and state of a fitted step.   Raises: InvalidSpec when it was never fitted."""
    if step.state is None:
        raise InvalidSpec(
            f"The step {step.transform!r} of feature {feature.name!r} has no state. Expected a fitted plan.",
            remedy="Fit the feature plan on the training rows first.",
        )
    return transform(step.transform), step.state


def prefix_sql(feature: Feature, column: Column, steps: Sequence[Step]) -> str:
    """Return the SQL expression after `steps`, each of which gives one value."""
    value = sql_form(column)
    for step in steps:
        owner, state = fitted(step, feature)
        (value,) = owner.sql(value, step.params, state, fold=None)
    return value


def prefix_key(column: str, steps: Sequence[Step], *, with_state: bool) -> str:
    """Return a key that is equal for equal chains over the same column."""
    parts = [[s.transform, to_json(s.params), to_json(s.state) if with_state else None] for s in steps]
    return json.dumps([column, parts], sort_keys=True, ensure_ascii=False)


def labels_of(feature: Feature) -> tuple[str, ...]:
    """Return the names of the feature's float columns."""
    if not feature.steps:
        return (feature.name,)
    owner, state = fitted(feature.steps[-1], feature)
    return tuple(feature.name + suffix for suffix in owner.labels(feature.steps[-1].params, state))


def unique_labels(features: Sequence[Feature]) -> tuple[str, ...]:
    """Return the labels of all features in order; one that stands twice gets a number."""
    seen: set[str] = set()
    found: list[str] = []
    for label in (label for feature in features for label in labels_of(feature)):
        name, count = label, 1
        while name in seen:
            count += 1
            name = f"{label}~{count}"
        seen.add(name)
        found.append(name)
    return tuple(found)
