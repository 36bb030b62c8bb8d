"""Dividing rows: shares, strata, targets of every kind, large tables, and what is refused."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import duckdb
import pytest

from engine.errors import AimassError, BadCommand, BadData, InvalidSpec
from engine.splitters import base
from engine.splitters import time as by_time

pytestmark = pytest.mark.slow


def numbers(count: int, seed: int = 0) -> list[float]:
    draw = random.Random(seed)
    return [draw.random() for _ in range(count)]


def test_shares_and_folds_are_met_in_each_class(make_case: Any) -> None:
    case = make_case({"x": numbers(1000), "y": ["rare" if n % 10 == 0 else "usual" for n in range(1000)]})
    summary = case.divide()
    assert summary.rows == {"train": 640, "valid": 160, "test": 200}
    assert summary.classes["test"] == {"rare": 20, "usual": 180}
    folds = duckdb.sql(
        f"SELECT count(*) FROM '{case.out}' WHERE _set = 'train' GROUP BY _fold ORDER BY 1"
    ).fetchall()
    assert len(folds) == 5
    assert 126 <= folds[0][0] <= folds[-1][0] <= 130


def test_a_regression_target_is_balanced_over_its_tenths(make_case: Any) -> None:
    target = [value**4 * 1e6 for value in numbers(2000)]
    case = make_case({"x": numbers(2000, seed=1), "y": target})
    summary = case.divide()
    assert summary.rows == {"train": 1280, "valid": 320, "test": 400}
    high = sorted(target)[-200]
    tested = [row for row, name in case.sets().items() if name == "test" and target[row] >= high]
    assert len(tested) == 40


def test_rows_without_a_finite_target_are_left_out(make_case: Any) -> None:
    target = [None, float("inf"), float("nan"), *numbers(60)]
    case = make_case({"x": numbers(63), "y": target})
    summary = case.divide()
    assert summary.unlabelled == 3
    assert sorted(case.sets()) == list(range(3, 63))


def test_rare_classes_go_to_training_first(make_case: Any) -> None:
    labels = ["often"] * 60 + ["one row twice"] * 2 + ["pair"] * 2 + ["three"] * 3
    values = [*numbers(60), 7.0, 7.0, *numbers(5, seed=2)]
    summary = make_case({"x": values, "y": labels}).divide()
    assert summary.classes["train"]["one row twice"] == 2
    assert [summary.classes[name].get("pair", 0) for name in ("train", "valid", "test")] == [1, 0, 1]
    assert [summary.classes[name]["three"] for name in ("train", "valid", "test")] == [1, 1, 1]


@pytest.mark.slow
def test_one_row_that_fills_half_the_table_stays_whole(make_case: Any) -> None:
    case = make_case({"x": [0.0] * 500 + numbers(500), "y": ["a"] * 500 + ["a", "b"] * 250})
    summary = case.divide()
    assert {case.sets()[row] for row in range(500)} == {"train"}
    assert summary.duplicate_rows == 499
    assert summary.rows["train"] < 700
    assert sum(summary.rows.values()) == 1000


@pytest.mark.parametrize("splitter", ["random", "stratified", "time"])
def test_a_table_beyond_the_bucket_size_meets_its_shares(
    make_case: Any, monkeypatch: pytest.MonkeyPatch, splitter: str
) -> None:
    """With small limits a small table takes the path of a table of millions."""
    monkeypatch.setattr(base, "BUCKETS", 256)
    monkeypatch.setattr("engine.splitters.stratified.BUCKETS", 256)
    monkeypatch.setattr(by_time, "STRETCHES", 512)
    count = 5000
    case = make_case(
        {"when": list(range(count)), "x": numbers(count), "y": ["a" if n % 9 else "b" for n in range(count)]}
    )
    summary = case.divide(splitter, column="when" if splitter == "time" else None)
    assert summary.straddled == 0
    assert sum(summary.rows.values()) == count
    assert abs(summary.rows["test"] - 1000) <= 60
    assert abs(summary.rows["valid"] - 800) <= 60
    assert summary.units["test"] < summary.rows["test"]


def test_a_number_column_orders_by_time(make_case: Any) -> None:
    case = make_case({"year": [1990.5 + n for n in range(50)], "y": ["a", "b"] * 25})
    summary = case.divide("time", column="year")
    assert (summary.first["train"], summary.last["test"]) == ("1990.5", "2039.5")


@pytest.mark.parametrize(
    ("fields", "error", "words"),
    [
        ({"test_share": 0.0}, InvalidSpec, "`test_share` is out of range"),
        ({"valid_share": 0.5}, InvalidSpec, "`valid_share` is out of range"),
        ({"folds": 1}, InvalidSpec, "`folds` is out of range"),
        ({"splitter": "grouped"}, BadCommand, "needs a group column"),
        ({"splitter": "grouped", "column": "y"}, BadCommand, "other than the target"),
        ({"splitter": "time", "column": "word"}, BadCommand, "not a date"),
        ({"splitter": "grouped", "column": "word"}, BadData, "at least 3 groups"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_left(
    make_case: Any, fields: dict[str, Any], error: type[AimassError], words: str
) -> None:
    case = make_case({"word": ["p", "q"] * 20, "x": numbers(40), "y": ["a", "b"] * 20})
    with pytest.raises(error, match=words) as raised:
        case.divide(**fields)
    assert raised.value.remedy
    assert [path.name for path in case.data.parent.iterdir()] == ["data.parquet"]
    assert not case.connection.execute("SHOW TABLES").fetchall()


def test_a_class_that_is_only_in_the_newest_rows_is_refused_by_time(make_case: Any) -> None:
    case = make_case({"n": list(range(100)), "y": ["old"] * 90 + ["new"] * 10})
    with pytest.raises(BadData, match="no training row for the class 'new'"):
        case.divide("time", column="n")


def test_equal_rows_alone_cannot_be_divided(make_case: Any) -> None:
    case = make_case({"x": [1.0] * 30, "y": ["a", "b"] * 15})
    with pytest.raises(BadData, match="at least 3 different rows"):
        case.divide()


def test_two_thousand_columns_are_divided(make_case: Any) -> None:
    columns = {f"c{n}": [n, n + 1, n + 2] * 10 for n in range(2000)}
    case = make_case({**columns, "row": list(range(30)), "y": ["a", "b"] * 15})
    assert case.divide().rows == {"train": 20, "valid": 4, "test": 6}


def test_names_that_look_like_sql_are_names(make_case: Any, tmp_path: Path) -> None:
    hostile = {'a"; DROP TABLE x; --': numbers(40), "class": ["p", "q"] * 20, "it's": ["u", "v"] * 20}
    case = make_case(hostile)
    assert sum(case.divide("grouped", column='a"; DROP TABLE x; --').rows.values()) == 40
