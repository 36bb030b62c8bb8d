"""Every kind of column gets a use and a reason; every proposed plan passes its own check."""

from __future__ import annotations

from typing import Any

import pytest

from engine.specs.profile import ColumnProfile, Profile
from engine.specs.schema import Column, NumberText, Schema
from engine.specs.training import TaskSpec
from engine.transforms.fitting import check_plan
from engine.transforms.propose import MOST_VALUES, propose_plan
from tests.engine.transforms.fitted import fit

TASK = TaskSpec(target="y", task="binary", metric="roc_auc", classes=("no", "yes"))


def _propose(column: dict[str, Any], facts: dict[str, Any]) -> tuple[bool, str, dict[str, list[list[str]]]]:
    made = Column(name="c", source_name="c", **{"physical": "string", "semantic": "category", **column})
    target = Column(name="y", source_name="y", physical="string", semantic="category")
    schema = Schema(columns=(made, target))
    found = ColumnProfile(name="c", **{"rows": 1000, "missing": 0, "distinct": 500, **facts})
    profile = Profile(rows=1000, duplicate_rows=0, columns=(found,))
    plan = propose_plan(schema, profile, TASK)
    check_plan(plan, schema)
    (choice,) = plan.columns
    assert choice.reason.endswith(".")
    steps = {v: [[s.transform for s in f.steps] for f in features] for v, features in plan.views.items()}
    return choice.use, choice.reason, steps


@pytest.mark.parametrize(
    ("column", "facts", "words"),
    [
        ({}, {"missing": 1000, "distinct": 0}, "every value is missing"),
        ({"semantic": "constant"}, {"distinct": 1}, "one value only"),
        ({"semantic": "identifier"}, {"distinct": 1000}, "identifier"),
        ({}, {"distinct": 950, "mean_words": 1.0}, "nearly every row has its own value"),
    ],
)
def test_useless_columns_are_dropped_with_the_reason(
    column: dict[str, Any], facts: dict[str, Any], words: str
) -> None:
    used, reason, steps = _propose(column, facts)
    assert not used
    assert words in reason
    assert steps == {"tree": [], "linear": [], "deep": []}


def test_a_skewed_number_with_gaps_is_filled_logged_scaled_and_flagged() -> None:
    quantiles = {"0.01": 0.0, "0.5": 1.0, "0.99": 500.0}
    facts = {"missing": 10, "minimum": 0.0, "maximum": 90_000.0, "quantiles": quantiles}
    used, reason, steps = _propose({"physical": "double", "semantic": "number"}, facts)
    assert used
    for told in ("median", "long tail", "Outliers", "flag"):
        assert told in reason
    assert steps["tree"] == [[]]
    assert steps["linear"] == [["impute", "log", "clip", "standardise"], ["missing_flag"]]


@pytest.mark.parametrize(
    ("values", "are_codes"),
    [
        (("C85", "E46", "B96 B98", "F G73"), True),
        (("347082", "PC 17599", "113760", "A/5 21171"), True),
        (("347082", "113760", "2651"), False),
        (("Berlin", "Paris", "Route 66"), False),
        (("more than 5 years", "less than 2 years"), False),
        ((), False),
    ],
)
def test_what_codes_begin_with_is_a_category_of_its_own(values: tuple[str, ...], are_codes: bool) -> None:
    facts = {"distinct": 300, "top_values": tuple((value, 1) for value in values)}
    _, reason, steps = _propose({}, facts)
    assert ("begin with" in reason) == are_codes
    assert (["code_prefix", "index"] in steps["tree"]) == are_codes
    assert (["code_prefix", "one_hot"] in steps["linear"]) == are_codes


def test_a_few_whole_numbers_are_categories_too() -> None:
    quantiles = {"0.01": 1.0, "0.5": 6.0, "0.99": 12.0}
    facts = {"distinct": 12, "minimum": 1.0, "maximum": 12.0, "quantiles": quantiles}
    _, _, steps = _propose({"physical": "int64", "semantic": "number"}, facts)
    assert ["whole_as_text", "one_hot"] in steps["linear"]
    assert ["whole_as_text", "index"] in steps["deep"]


@pytest.mark.parametrize(("rows", "are_categories"), [(480, True), (479, False)])
def test_whole_numbers_with_few_rows_each_stay_numbers(rows: int, are_categories: bool) -> None:
    quantiles = {"0.01": 1.0, "0.5": 6.0, "0.99": 12.0}
    facts = {"rows": rows, "distinct": 12, "minimum": 1.0, "maximum": 12.0, "quantiles": quantiles}
    _, _, steps = _propose({"physical": "int64", "semantic": "number"}, facts)
    assert (["whole_as_text", "one_hot"] in steps["linear"]) == are_categories
    assert (["whole_as_text", "index"] in steps["deep"]) == are_categories


def test_tens_of_columns_of_whole_numbers_stay_numbers_but_those_with_few_values() -> None:
    quantiles = {"0.01": 0.0, "0.5": 6.0, "0.99": 16.0}
    values = {"few": 4} | {f"pixel{number}": 17 for number in range(64)}
    columns = [Column(name=name, source_name=name, physical="int64", semantic="number") for name in values]
    target = Column(name="y", source_name="y", physical="string", semantic="category")
    facts = tuple(
        ColumnProfile(
            name=name, rows=1000, missing=0, distinct=distinct, minimum=0.0, maximum=16.0, quantiles=quantiles
        )
        for name, distinct in values.items()
    )
    plan = propose_plan(
        Schema(columns=(*columns, target)), Profile(rows=1000, duplicate_rows=0, columns=facts), TASK
    )
    read_as_categories = [
        feature.column for feature in plan.views["linear"] if feature.name.endswith(".value")
    ]
    assert "few" in read_as_categories
    assert sum(values[name] for name in read_as_categories) <= MOST_VALUES
    assert {feature.column for feature in plan.views["linear"]} == set(values)


@pytest.mark.parametrize(
    ("column", "facts", "last"),
    [
        ({}, {"distinct": 3}, "index"),
        ({}, {"distinct": 300}, "target_encode"),
        ({"semantic": "text"}, {}, "text_counts"),
        ({}, {"distinct": 990, "mean_words": 5.0}, "text_counts"),
        ({"semantic": "datetime", "datetime_format": "%d/%m/%Y"}, {}, "date_parts"),
        ({"number_text": NumberText(unit="kmpl", share=0.99)}, {}, "number_from_text"),
    ],
)
def test_each_kind_of_text_gets_its_transform(
    column: dict[str, Any], facts: dict[str, Any], last: str
) -> None:
    used, _, steps = _propose(column, facts)
    assert used
    assert last in {chain[-1] for chain in steps["tree"]}
    assert all(steps.values())


def test_a_number_in_a_text_is_read_whole_with_its_thousands() -> None:
    price = Column(
        name="c",
        source_name="c",
        physical="string",
        semantic="category",
        number_text=NumberText(unit="$", share=1.0),
    )
    target = Column(name="y", source_name="y", physical="string", semantic="category")
    facts = ColumnProfile(name="c", rows=1000, missing=0, distinct=500)
    plan = propose_plan(
        Schema(columns=(price, target)), Profile(rows=1000, duplicate_rows=0, columns=(facts,)), TASK
    )
    (feature,) = plan.views["tree"]
    assert fit(["$5"], *feature.steps).answers(["$1,200", "$7.50", "$80", "1,234,567 $"]) == [
        1200.0,
        7.5,
        80.0,
        1234567.0,
    ]
