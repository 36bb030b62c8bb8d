"""A split is proposed from evidence, with its reason; where there is little, rows are drawn by lot."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.specs.profile import ColumnProfile, Profile
from engine.specs.schema import Column, Schema, Semantic
from engine.specs.training import TaskSpec
from engine.splitters.propose import propose_split

BINARY = TaskSpec(target="y", task="binary", metric="roc_auc", classes=("a", "b"))
AMOUNT = TaskSpec(target="y", task="regression", metric="rmse")


def described(
    rows: int, name: str = "x", semantic: Semantic = "category", **facts: object
) -> tuple[Schema, Profile]:
    described_as = {"rows": rows, "missing": 0, "distinct": 5, **facts}
    schema = Schema(
        columns=(
            Column(name=name, source_name=name, physical="string", semantic=semantic),
            Column(name="y", source_name="y", physical="string", semantic="category"),
        )
    )
    columns = (
        ColumnProfile(name=name, **described_as),  # type: ignore[arg-type]
        ColumnProfile(name="y", rows=rows, missing=0, distinct=2),
    )
    return schema, Profile(rows=rows, duplicate_rows=0, columns=columns)


@pytest.mark.parametrize(("task", "word"), [(BINARY, "class"), (AMOUNT, "tenth of the target")])
def test_rows_are_drawn_by_lot_within_the_target(task: TaskSpec, word: str) -> None:
    spec = propose_split(*described(5000), task, seed=4)
    assert (spec.splitter, spec.column, spec.seed) == ("stratified", None, 4)
    assert (spec.valid_share, spec.test_share) == (0.16, 0.2)
    assert word in spec.reason


def test_few_rows_give_validation_a_fifth() -> None:
    spec = propose_split(*described(500), BINARY, seed=0)
    assert (spec.valid_share, spec.test_share) == (0.2, 0.2)
    assert "fewer than 1,000 rows" in spec.reason


def test_a_hundred_million_rows_test_on_two_hundred_thousand() -> None:
    spec = propose_split(*described(100_000_000), BINARY, seed=0)
    assert spec.test_share * 1e8 == pytest.approx(200_000)
    assert spec.valid_share * 1e8 == pytest.approx(100_000)


def test_time_is_proposed_when_each_row_is_its_own_step() -> None:
    spec = propose_split(*described(1000, "day", "datetime", distinct=1000, is_sorted=True), AMOUNT, seed=0)
    assert (spec.splitter, spec.column) == ("time", "day")


@pytest.mark.parametrize(
    "facts",
    [
        {"distinct": 42, "is_sorted": True},  # 24 rows a day
        {"distinct": 1000, "is_sorted": False},
        {"distinct": 990, "is_sorted": True, "missing": 10},
    ],
)
def test_a_date_that_is_no_step_says_how_to_ask_for_time(facts: dict[str, object]) -> None:
    spec = propose_split(*described(1000, "day", "datetime", **facts), AMOUNT, seed=0)
    assert spec.splitter == "stratified"
    assert "use the split 'time' with the column 'day'" in spec.reason


@pytest.mark.parametrize("name", ["patient_id", "Customer ID", "deviceNo", "user-key"])
def test_a_key_that_comes_back_keeps_groups_together(name: str) -> None:
    spec = propose_split(*described(1000, name, distinct=200), BINARY, seed=0)
    assert (spec.splitter, spec.column) == ("grouped", name)
    assert "200 values in 1,000 rows" in spec.reason


@pytest.mark.parametrize(
    ("name", "facts"),
    [
        ("patient_id", {"distinct": 1000}),
        ("patient_id", {"distinct": 3}),
        ("patient_id", {"distinct": 100, "missing": 500}),
        ("city", {"distinct": 200}),
        ("customer_id_type", {"distinct": 200}),
    ],
)
def test_groups_are_not_guessed(name: str, facts: dict[str, object]) -> None:
    assert propose_split(*described(1000, name, **facts), BINARY, seed=0).splitter == "stratified"


def test_pictures_that_look_alike_stay_together() -> None:
    schema, profile = described(1000, "look_alikes", distinct=7, missing=980)
    measured = tuple(
        replace(column, measured_from="image" if column.name == "look_alikes" else None)
        for column in schema.columns
    )
    spec = propose_split(Schema(columns=measured), profile, BINARY, seed=0)
    assert (spec.splitter, spec.column) == ("grouped", "look_alikes")
    assert "7 groups" in spec.reason


def test_folders_that_divide_pictures_are_no_look_alikes() -> None:
    schema, profile = described(1000, "set", distinct=2)
    measured = tuple(
        replace(column, measured_from="image" if column.name == "set" else None) for column in schema.columns
    )
    assert propose_split(Schema(columns=measured), profile, BINARY, seed=0).splitter == "stratified"


def test_sets_that_a_column_names_stay_as_given() -> None:
    values = (("train", 700), ("Test", 300))
    spec = propose_split(*described(1000, "part", distinct=2, top_values=values), BINARY, seed=0)
    assert (spec.splitter, spec.column) == ("given", "part") and "its sets stay" in spec.reason
