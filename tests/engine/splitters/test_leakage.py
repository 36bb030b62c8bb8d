"""Leaks are found where they are made, and honest columns of real data are left alone."""

from __future__ import annotations

import json
import math
import random
import re
from pathlib import Path
from typing import Any

import pytest

from app.language import translator
from engine.files import read_json
from engine.modalities.table import ImportLimits, import_table, open_database, profile_table
from engine.modalities.table.task import infer_task
from engine.specs.codec import from_json, to_json
from engine.specs.schema import Schema
from engine.specs.split import Leak
from engine.splitters.divide import divide
from engine.splitters.leakage import find_leaks
from engine.splitters.propose import propose_split

pytestmark = pytest.mark.slow

ROWS = 400
DRAW = random.Random(7)
TARGET = [DRAW.random() * 100 for _ in range(ROWS)]
NOISE = [DRAW.random() for _ in range(ROWS)]
SORTS = [DRAW.choice(["red", "green", "blue"]) for _ in range(ROWS)]


@pytest.mark.parametrize(
    ("copy", "words"),
    [
        ([value + 1e-6 * noise for value, noise in zip(TARGET, NOISE, strict=True)], "orders the rows"),
        ([-3 * value + 7 for value in TARGET], "orders the rows"),
        ([math.log1p(value) for value in TARGET], "orders the rows"),
        ([None, *TARGET[1:]], "orders the rows"),
        ([value if n % 3 else None for n, value in enumerate(TARGET)], "orders the rows"),
    ],
)
def test_a_copy_of_a_number_is_found(make_case: Any, copy: list[float | None], words: str) -> None:
    leaks = make_case({"x": NOISE, "copy": copy, "y": TARGET}).leaks()
    assert set(leaks) == {"copy"}
    assert leaks["copy"].kind == "copy"
    assert words in leaks["copy"].message


def test_a_copy_that_orders_close_values_otherwise_is_found(make_case: Any) -> None:
    steps = [100.0 * (n % 20) for n in range(ROWS)]
    target = [step + value / 1e3 for step, value in zip(steps, TARGET, strict=True)]
    near = [step + noise / 10 for step, noise in zip(steps, NOISE, strict=True)]
    leaks = make_case({"near": near, "y": target}).leaks()
    assert "straight line" in leaks["near"].message


def test_renamed_classes_are_found_as_text_and_as_numbers(make_case: Any) -> None:
    other = {"red": "rot", "green": "grün", "blue": "blau"}
    coded = {"red": 3, "green": 1, "blue": 2}
    columns = {"x": NOISE, "word": [other[s] for s in SORTS], "code": [coded[s] for s in SORTS], "y": SORTS}
    leaks = make_case(columns).leaks()
    assert {name: leak.kind for name, leak in leaks.items()} == {"word": "copy", "code": "copy"}


def test_a_column_that_tells_nearly_every_row_is_found(make_case: Any) -> None:
    finer = [f"{sort} {n % 4}" if n % 150 else "?" for n, sort in enumerate(SORTS)]
    leaks = make_case({"x": NOISE, "finer": finer, "y": SORTS}).leaks()
    assert leaks["finer"].kind == "predicts"
    assert leaks["finer"].score > 0.98


@pytest.mark.parametrize("kept", [1.0, 0.7])
def test_a_column_filled_in_after_the_outcome_is_found(make_case: Any, kept: float) -> None:
    draw = random.Random(1)
    outcome = ["yes" if n % 4 == 0 else "no" for n in range(ROWS)]
    refund = [draw.random() if y == "yes" and draw.random() < kept else None for y in outcome]
    leaks = make_case({"x": NOISE, "refund": refund, "y": outcome}).leaks()
    assert set(leaks) == {"refund"}
    assert "is filled in only when the target is 'yes'" in leaks["refund"].message


def test_a_date_that_orders_the_target_is_found(make_case: Any) -> None:
    days = [f"20{20 + n // 336}-{n // 28 % 12 + 1:02d}-{n % 28 + 1:02d}" for n in range(ROWS)]
    left = [float(ROWS - n) for n in range(ROWS)]
    leaks = make_case({"x": NOISE, "end": days, "y": left}, {"end": "datetime"}).leaks()
    assert leaks["end"].kind == "copy"


def test_names_of_rows_are_identifiers_or_nothing(make_case: Any) -> None:
    names = [f"customer {n}" for n in range(ROWS)]
    columns = {"id": names, "unmarked": names, "x": NOISE, "y": SORTS}
    leaks = make_case(columns, {"id": "identifier"}).leaks()
    assert {name: (leak.kind, leak.score) for name, leak in leaks.items()} == {"id": ("identifier", 1.0)}


def test_duplicated_rows_do_not_make_a_name_look_like_a_leak(make_case: Any) -> None:
    columns = {"name": [f"n{n}" for n in range(ROWS)] * 3, "y": SORTS * 3}
    assert make_case(columns).leaks() == {}


def test_chance_in_forty_rows_is_no_leak(make_case: Any) -> None:
    columns = {"x": ["a", "b"] * 20, "z": numbers_of(40), "y": ["p", "q"] * 20}
    assert make_case(columns).leaks() == {}


def test_columns_called_like_our_own_are_read_as_columns(make_case: Any) -> None:
    names = (
        "part",
        "_at",
        "c0",
        "_unit",
        "_key",
        "_content",
        "_class",
        "_label",
        "size",
        "class",
        "unit",
        "y ",
    )
    columns = {name: SORTS if name == "part" else NOISE for name in names}
    assert set(make_case({**columns, "place": SORTS}).leaks()) == {"part"}


def test_test_rows_are_never_read(make_case: Any) -> None:
    """A column that equals the target on test rows only is no leak; on all others only, it is one."""
    base = {"x": NOISE, "y": SORTS}
    sets = {}
    for where, expected in (({"test"}, False), ({"train", "valid"}, True)):
        case = make_case(base)
        case.divide()
        sets = case.sets()
        told = [SORTS[n] if sets[n] in where else "?" for n in range(ROWS)]
        with_told = make_case({"x": NOISE, "told": told, "y": SORTS})
        found = find_leaks(with_told.connection, with_told.data, case.out, with_told.schema, with_told.task)
        assert bool(found) is expected


def numbers_of(count: int) -> list[float]:
    draw = random.Random(5)
    return [draw.random() for _ in range(count)]


@pytest.mark.parametrize(
    ("name", "target", "identifiers"),
    [
        ("adult", "income", set()),
        ("california_housing", "median_house_value", set()),
        ("satellite", "Class", set()),
        ("telco_churn", "Churn", {"customerID"}),
        ("bike_hourly", "cnt", {"instant"}),
        ("german_credit", "credit_risk", set()),
        ("wine_quality", "quality", set()),
        ("titanic_train", "Survived", {"PassengerId"}),
    ],
)
def test_honest_columns_of_real_tables_are_kept(
    shared_data: Path, tmp_path: Path, name: str, target: str, identifiers: set[str]
) -> None:
    limits = ImportLimits()
    source = shared_data / "tabular" / f"{name}.csv"
    import_table(source, tmp_path, limits=limits, progress=lambda share: None)
    data, schema = tmp_path / "data.parquet", from_json(Schema, read_json(tmp_path / "schema.json"))
    profile = profile_table(data, schema, target=target, limits=limits)
    task = infer_task(schema, profile, target=target, data=data, requested=None)
    spec = propose_split(schema, profile, task, seed=0)
    with open_database(limits) as connection:
        summary = divide(connection, data, schema, task, spec, tmp_path / "split.parquet")
        leaks = find_leaks(connection, data, tmp_path / "split.parquet", schema, task)
    assert spec.splitter == "stratified"
    assert summary.straddled == 0
    assert sum(summary.rows.values()) == profile.rows
    assert {leak.column for leak in leaks} == identifiers
    assert {leak.kind for leak in leaks} <= {"identifier"}


@pytest.mark.parametrize("kind", ["renamed", "ordered", "filled in", "missing", "foretold", "identifier"])
def test_every_sentence_is_told_in_chinese_too(make_case: Any, kind: str) -> None:
    """Nothing but the names of columns and classes stays as it is, also in what a file kept of the sentence."""
    yes = ["yes" if n % 4 == 0 else "no" for n in range(ROWS)]
    columns: dict[str, tuple[list[Any], list[Any]]] = {
        "renamed": (["J" if y == "yes" else "N" for y in yes], yes),
        "ordered": ([-3 * value + 7 for value in TARGET], TARGET),
        "filled in": ([DRAW.random() if y == "yes" else None for y in yes], yes),
        "missing": ([None if y == "yes" else DRAW.random() for y in yes], yes),
        "foretold": ([f"{sort} {n % 4}" if n % 150 else "?" for n, sort in enumerate(SORTS)], SORTS),
        "identifier": ([f"customer {n}" for n in range(ROWS)], SORTS),
    }
    column, target = columns[kind]
    marked = {"it's mine": "identifier"} if kind == "identifier" else {}
    leaks = make_case({"x": NOISE, "it's mine": column, "y": target}, marked).leaks()
    message = from_json(Leak, json.loads(json.dumps(to_json(leaks["it's mine"])))).message
    told = translator("zh_CN").tell(message)
    assert set(re.findall(r"[A-Za-z]+", told)) <= {"it", "s", "mine", "yes", "no"}
    assert re.search("[\u4e00-\u9fff]", told)
    assert translator("zh_CN").tell(f"{message} Left out for this reason: 'x'.") == f"{told} 因此停用：'x'。"
