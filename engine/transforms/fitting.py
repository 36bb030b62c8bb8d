"""Check a feature plan and fit it on the training rows; equal chains are fitted once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from engine.errors import InvalidSpec
from engine.specs.features import GRAPH_VIEWS, Feature, FeaturePlan, Step
from engine.specs.params import complete
from engine.specs.schema import Schema
from engine.transforms import transform
from engine.transforms.base import State, TrainingRows
from engine.transforms.canonical import domain
from engine.transforms.chain import prefix_key, prefix_sql, view_features


def check_plan(plan: FeaturePlan, schema: Schema) -> None:
    """Check that every name exists, every parameter fits and every chain's domains meet.

    Raises: InvalidSpec that lists every problem at once, each with the field it stands in.
    """
    problems = _choice_problems(plan, schema)
    for view, features in plan.views.items():
        seen: set[str] = set()
        if view in GRAPH_VIEWS and len(features) > 1:
            problems.append(f"`views.{view}`: expected one feature, received {len(features)}")
        for position, feature in enumerate(features):
            where = f"views.{view}[{position}]"
            if feature.name in seen:
                problems.append(f"`{where}.name`: {feature.name!r} stands twice")
            seen.add(feature.name)
            problems += _feature_problems(feature, schema, plan, where, in_graph=view in GRAPH_VIEWS)
    if problems:
        raise InvalidSpec(
            f"The feature plan cannot be used. {'; '.join(problems)}.",
            remedy="Correct the named fields of the feature plan.",
        )


def fit_plan(plan: FeaturePlan, schema: Schema, rows: TrainingRows, views: Sequence[str]) -> FeaturePlan:
    """Return `plan` with the states of `views` learnt from the training rows, and all parameters spelled out.

    Features keep their order. Steps that already have a state are fitted again.
    Raises: InvalidSpec as `check_plan`, or for an unknown view.
    """
    check_plan(plan, schema)
    known: dict[str, State] = {}
    done = {
        view: tuple(_fit_feature(feature, schema, rows, known) for feature in view_features(plan, view))
        for view in dict.fromkeys(views)
    }
    return replace(plan, views={**plan.views, **done})


def _fit_feature(feature: Feature, schema: Schema, rows: TrainingRows, known: dict[str, State]) -> Feature:
    column = schema.column(feature.column)
    steps: list[Step] = []
    for step in feature.steps:
        owner = transform(step.transform)
        params = complete(owner.params, step.params, f"the transform {owner.name!r}")
        bare = replace(step, params=params, state=None)
        key = prefix_key(feature.column, [*steps, bare], with_state=False)
        if key not in known:
            known[key] = owner.fit(rows, prefix_sql(feature, column, steps), params)
        steps.append(replace(bare, state=known[key]))
    return replace(feature, steps=tuple(steps))


def _choice_problems(plan: FeaturePlan, schema: Schema) -> list[str]:
    problems = [
        f"`columns[{i}].column`: there is no column {choice.column!r}"
        for i, choice in enumerate(plan.columns)
        if choice.column not in schema.by_name
    ]
    if not plan.views:
        problems.append("`views`: expected at least one view")
    return problems


def _feature_problems(
    feature: Feature, schema: Schema, plan: FeaturePlan, where: str, *, in_graph: bool
) -> list[str]:
    if feature.column not in schema.by_name:
        return [f"`{where}.column`: there is no column {feature.column!r}"]
    problems: list[str] = []
    if feature.column not in plan.used_columns:
        problems.append(f"`{where}.column`: {feature.column!r} is not a used column; set its `use` to true")
    have = domain(schema.column(feature.column))
    for position, step in enumerate(feature.steps):
        field = f"{where}.steps[{position}]"
        try:
            owner = transform(step.transform)
        except InvalidSpec as error:
            return [
                *problems,
                f"`{field}.transform`: {error.message.rstrip('.')}. {error.remedy.rstrip('.')}",
            ]
        try:
            complete(owner.params, step.params, owner.name)
        except InvalidSpec as error:
            problems.append(f"`{field}.params`: {error.message.rstrip('.')}")
        if owner.takes != have:
            problems.append(f"`{field}`: {owner.name} takes a {owner.takes}, but the value here is a {have}")
        have = owner.gives
    if (have == "pixels") != in_graph or have == "picture":
        problems.append(
            f"`{where}.steps`: expected pictures, resized, in the view 'pixels' and only there; it gives {have}"
        )
    if have == "text":
        problems.append(
            f"`{where}.steps`: the feature ends as text; expected a number, end with e.g. `index`"
        )
    return problems
