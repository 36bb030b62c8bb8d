"""The target decides the task; what cannot be learned is refused with the remedy that helps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from engine.errors import AimassError, BadCommand, BadData
from engine.modalities.table.task import infer_task
from engine.specs.profile import ColumnProfile, Profile
from engine.specs.schema import Column, Schema, Semantic, Task
from engine.specs.training import TaskSpec


def infer(
    folder: Path,
    values: Sequence[Any],
    *,
    name: str = "y",
    target: str | None = None,
    requested: Task | None = None,
    features: Mapping[str, Sequence[Any]] | None = None,
    semantics: Mapping[str, Semantic] | None = None,
) -> TaskSpec:
    """Ask for the task of a table whose last column, `name`, holds `values`."""
    given = {"x": [n % 7 for n in range(len(values))]} if features is None else features
    table = pa.table({**{key: pa.array(items) for key, items in given.items()}, name: pa.array(values)})
    pq.write_table(table, folder / "data.parquet")
    columns, facts = [], []
    for field in table.schema:
        items = table[field.name]
        physical: Any = "string" if pa.types.is_string(field.type) else str(field.type)
        semantic = (semantics or {}).get(field.name, "category")
        columns.append(Column(name=field.name, source_name=field.name, physical=physical, semantic=semantic))
        distinct = len(items.drop_null().unique())
        facts.append(
            ColumnProfile(name=field.name, rows=len(items), missing=items.null_count, distinct=distinct)
        )
    profile = Profile(rows=len(values), duplicate_rows=0, columns=tuple(facts))
    return infer_task(
        Schema(columns=tuple(columns)),
        profile,
        target=target or name,
        data=folder / "data.parquet",
        requested=requested,
    )


@pytest.mark.parametrize(
    ("values", "name", "task", "classes"),
    [
        (["no", "yes"] * 20, "y", "binary", ("no", "yes")),
        (["b", "a", "上"] * 20, "y", "multiclass", ("a", "b", "上")),
        ([10, 9, 2] * 20, "y", "multiclass", ("2", "9", "10")),
        ([0.0, 1.0] * 20, "y", "binary", ("0.0", "1.0")),
        ([1.0, 2.0, None] * 20, "y", "binary", ("1.0", "2.0")),
        (list(range(15)) * 3, "target", "multiclass", tuple(str(n) for n in range(15))),
        (list(range(15)) * 3, "children", "regression", ()),
        (list(range(0, 150, 10)) * 3, "target", "regression", ()),
        (list(range(60)), "class", "regression", ()),
        ([0.5, 1.5, 2.5] * 20, "class", "regression", ()),
    ],
)
def test_the_values_decide(
    tmp_path: Path, values: list[Any], name: str, task: Task, classes: tuple[str, ...]
) -> None:
    found = infer(tmp_path, values, name=name)
    assert (found.task, found.classes, found.target) == (task, classes, name)
    assert found.metric == {"binary": "roc_auc", "multiclass": "log_loss", "regression": "rmse"}[task]
    assert found.reason.startswith("Regression" if task == "regression" else "Classification")


@pytest.mark.parametrize(
    ("values", "requested", "task"),
    [
        ([1, 2, 3] * 20, "regression", "regression"),
        ([0.5, 1.5, 2.5] * 20, "multiclass", "multiclass"),
        (["a", "b"] * 20, "multiclass", "binary"),
        (list(range(30)) * 2, "multiclass", "multiclass"),
    ],
)
def test_what_is_asked_for_wins(tmp_path: Path, values: list[Any], requested: Task, task: Task) -> None:
    found = infer(tmp_path, values, requested=requested)
    assert found.task == task
    assert "as asked" in found.reason


def test_rows_without_a_target_are_said(tmp_path: Path) -> None:
    found = infer(tmp_path, [1.5, float("inf"), None, *[float(n) / 3 for n in range(30)]])
    assert found.reason.endswith("2 of 33 rows have no target and are left out.")


@pytest.mark.parametrize(
    ("values", "options", "error", "words", "remedy"),
    [
        (["a", "b"] * 20, {"target": "Y "}, BadCommand, "no column 'Y '", "Did you mean `--target 'y'`?"),
        (["a", "b"] * 20, {"target": "income"}, BadCommand, "one of: 'x', 'y'", "Name one of these"),
        (pa.nulls(40, pa.string()), {}, BadData, "missing in every row", "another target"),
        ([float("nan")] * 40, {}, BadData, "missing in every row", "another target"),
        (["a"] * 40, {}, BadData, "constant: every row says 'a'", "another target"),
        ([7] * 40, {}, BadData, "constant: every row says '7'", "another target"),
        (["a"], {}, BadData, "at least 20 rows with a value of 'y'. Received: 1 of 1", "Add rows"),
        (["a", "b", None] * 9, {}, BadData, "Received: 18 of 27", "Add rows"),
        ([f"row {n}" for n in range(40)], {}, BadData, "different text in each", "another target"),
        (["a"] * 39 + ["Ω"], {}, BadData, "A class has a single row in the target 'y': 'Ω'", "merge"),
        ([1] * 38 + [2, 3], {}, BadData, "2 classes have a single row", "or use `--task regression`"),
        ([f"{n // 2}" for n in range(2002)], {}, BadData, "at most 1,000. Received: 1,001", "merge rare"),
        (list(range(2000)), {"requested": "multiclass"}, BadData, "too many", "--task regression"),
        (["a", "b"] * 20, {"requested": "regression"}, BadCommand, "holds text such as 'a'", "`--task` out"),
        ([1, 2, 3] * 20, {"requested": "binary"}, BadCommand, "exactly two", "--task multiclass"),
        ([n / 7 for n in range(60)], {"requested": "binary"}, BadCommand, "exactly two", "--task regression"),
    ],
)
def test_what_cannot_be_learned_is_refused(
    tmp_path: Path,
    values: Any,
    options: dict[str, Any],
    error: type[AimassError],
    words: str,
    remedy: str,
) -> None:
    with pytest.raises(error) as raised:
        infer(tmp_path, values, **options)
    assert words in raised.value.message
    assert remedy in raised.value.remedy


@pytest.mark.parametrize(
    ("features", "semantics", "words"),
    [
        ({}, {}, "no column beside the target"),
        ({"a": [1] * 40, "b": ["k"] * 40}, {}, "constant, empty or identifiers (a, b)"),
        ({"a": [1] * 40, "b": pa.nulls(40, pa.string())}, {"a": "constant"}, "(a, b)"),
        ({"id": list(range(40))}, {"id": "identifier"}, "(id)"),
    ],
)
def test_a_table_without_a_usable_column_is_refused(
    tmp_path: Path, features: Any, semantics: Any, words: str
) -> None:
    with pytest.raises(BadData) as raised:
        infer(tmp_path, ["a", "b"] * 20, features=features, semantics=semantics)
    assert words in raised.value.message


def test_a_value_beside_missing_cells_can_be_used(tmp_path: Path) -> None:
    found = infer(tmp_path, ["a", "b"] * 20, features={"flag": ["set", None] * 20})
    assert found.task == "binary"
