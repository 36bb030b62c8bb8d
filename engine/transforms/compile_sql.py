"""Compile a fitted view to SQL: one FLOAT expression per column, over the columns as imported."""

from __future__ import annotations

from collections.abc import Mapping

from engine.specs.features import Feature, FeaturePlan
from engine.specs.schema import Schema
from engine.transforms.canonical import sql_form
from engine.transforms.chain import fitted, prefix_sql, unique_labels, view_features
from engine.transforms.formula import FLOAT_MAX, SqlWriter, Term


def view_columns(
    plan: FeaturePlan, view: str, schema: Schema, *, fold: str | None
) -> tuple[tuple[str, str], ...]:
    """Return (label, SQL expression of type FLOAT) per column of `view`; a missing number is NULL.

    fold: SQL expression of the row's fold for training rows, so that target means come out of fold; None for
        any other rows.
    A large look-up becomes a join, which need not keep the order of rows: select `_row` too and order by it.
    Raises: InvalidSpec for an unfitted plan or an unknown view.
    """
    features = view_features(plan, view)
    expressions = [e for feature in features for e in _expressions(feature, schema, fold)]
    return tuple(zip(unique_labels(features), expressions, strict=True))


def view_cardinalities(plan: FeaturePlan, view: str, schema: Schema) -> Mapping[int, int]:
    """Return column position → number of index values (0 … n-1), for the columns that hold an index."""
    found: dict[int, int] = {}
    position = 0
    for feature in view_features(plan, view):
        if not feature.steps:
            position += 1
            continue
        last = feature.steps[-1]
        owner, state = fitted(last, feature)
        cardinality = owner.cardinality(last.params, state)
        if cardinality is not None:
            found[position] = cardinality
        position += len(owner.labels(last.params, state))
    return found


def _expressions(feature: Feature, schema: Schema, fold: str | None) -> tuple[str, ...]:
    column = schema.column(feature.column)
    if not feature.steps:
        return (f"CAST({sql_form(column)} AS FLOAT)",)
    last = feature.steps[-1]
    owner, state = fitted(last, feature)
    values = owner.sql(prefix_sql(feature, column, feature.steps[:-1]), last.params, state, fold=fold)
    if owner.gives == "number":
        # A double beyond float32 would be refused by SQL and become infinite in ONNX.
        values = tuple(Term(SqlWriter(), value).clamp(-FLOAT_MAX, FLOAT_MAX).code for value in values)
    return tuple(f"CAST({value} AS FLOAT)" for value in values)
