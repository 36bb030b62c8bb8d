"""Checking a plan names every fault at once; fitting shares equal chains."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest

from engine.errors import InvalidSpec
from engine.specs.features import ColumnChoice, Feature, FeaturePlan, Step
from engine.specs.schema import Column, Schema
from engine.transforms.base import TrainingRows
from engine.transforms.fitting import check_plan, fit_plan

SCHEMA = Schema(
    columns=(
        Column(name="age", source_name="age", physical="double", semantic="number"),
        Column(name="city", source_name="city", physical="string", semantic="category"),
    )
)


class CountedRows(TrainingRows):
    """Training rows that remember their queries."""

    def __init__(self) -> None:
        connection = duckdb.connect()
        connection.execute(
            "CREATE TABLE train AS SELECT i AS _row, (i % 5)::TINYINT AS _fold, i % 2 AS _y,"
            " CASE WHEN i % 3 > 0 THEN i END::DOUBLE AS age, 'city' || i % 4 AS city FROM range(40) AS t(i)"
        )
        super().__init__(connection, folds=5, classes=2, seed=0)
        self.queries: list[str] = []

    def select(self, query: str) -> list[tuple[Any, ...]]:
        self.queries.append(query)
        return super().select(query)


def _feature(name: str, column: str, *steps: str | Step) -> Feature:
    made = tuple(Step(transform=step) if isinstance(step, str) else step for step in steps)
    return Feature(name=name, column=column, steps=made)


def _plan(**views: tuple[Feature, ...]) -> FeaturePlan:
    choices = tuple(ColumnChoice(column=name, use=True, reason="test") for name in SCHEMA.names)
    return FeaturePlan(columns=choices, views=views)


@pytest.mark.parametrize(
    ("feature", "words"),
    [
        (_feature("f", "agee"), "`views.tree[0].column`: there is no column 'agee'"),
        (_feature("f", "age", "standardize"), "Use 'standardise'"),
        (
            _feature("f", "age", Step(transform="impute", params={"strategy": "mode"})),
            "`strategy`: expected",
        ),
        (_feature("f", "age", Step(transform="impute", params={"value": 1})), "`value` is not a parameter"),
        (_feature("f", "age", "one_hot"), "one_hot takes a text, but the value here is a number"),
        (_feature("f", "city", "impute"), "impute takes a number, but the value here is a text"),
        (
            _feature("f", "city", "one_hot", "standardise"),
            "standardise takes a number, but the value",
        ),
        (_feature("f", "city"), "the feature ends as text"),
    ],
)
def test_a_wrong_plan_is_refused_with_the_field(feature: Feature, words: str) -> None:
    with pytest.raises(InvalidSpec) as caught:
        check_plan(_plan(tree=(feature,)), SCHEMA)
    assert words in str(caught.value)
    assert "views.tree[0]" in str(caught.value)


def test_all_problems_are_told_at_once() -> None:
    plan = _plan(tree=(_feature("f", "age", "nope"), _feature("f", "city", "impute")))
    with pytest.raises(InvalidSpec) as caught:
        check_plan(plan, SCHEMA)
    for words in ("'nope'", "'f' stands twice", "impute takes a number"):
        assert words in caught.value.message


def test_a_feature_of_a_dropped_column_is_refused() -> None:
    choices = (ColumnChoice(column="age", use=False, reason="test"),)
    plan = FeaturePlan(columns=choices, views={"tree": (_feature("f", "age"),)})
    with pytest.raises(InvalidSpec, match="not a used column"):
        check_plan(plan, SCHEMA)


def test_equal_first_steps_are_fitted_once_across_views() -> None:
    rows = CountedRows()
    linear = (_feature("a", "age", "impute", "standardise"), _feature("b", "age", "impute", "log"))
    plan = fit_plan(_plan(linear=linear, deep=linear), SCHEMA, rows, ["linear", "deep"])
    medians = [query for query in rows.queries if "quantile_cont" in query]
    assert len(medians) == 1
    assert plan.views["deep"] == plan.views["linear"]


def test_only_the_views_asked_for_are_fitted_and_parameters_are_spelled_out() -> None:
    views = {"tree": (_feature("c", "city", "index"),), "linear": (_feature("c", "city", "one_hot"),)}
    plan = fit_plan(_plan(**views), SCHEMA, CountedRows(), ["tree"])
    (step,) = plan.views["tree"][0].steps
    assert step.state == {"keys": ["city0", "city1", "city2", "city3"]}
    assert step.params == {"max_keys": 10_000, "least": 2, "order": "frequency"}
    assert plan.views["linear"][0].steps[0].state is None


def test_an_unknown_view_is_refused_with_those_there_are() -> None:
    with pytest.raises(InvalidSpec, match=r"no view 'forest'.*linear"):
        fit_plan(_plan(linear=(_feature("a", "age"),)), SCHEMA, CountedRows(), ["forest"])
