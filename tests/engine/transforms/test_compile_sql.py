"""A fitted view as SQL: one FLOAT per label, missing as NULL, never beyond float32."""

from __future__ import annotations

import duckdb
import numpy as np
import pytest

from engine.errors import InvalidSpec
from engine.specs.features import ColumnChoice, Feature, FeaturePlan, Step
from engine.specs.schema import Column, Schema
from engine.transforms.base import TrainingRows
from engine.transforms.compile_sql import view_cardinalities, view_columns
from engine.transforms.fitting import fit_plan
from engine.transforms.formula import FLOAT_MAX

AGE = 'the "age"'
SCHEMA = Schema(
    columns=(
        Column(name=AGE, source_name=AGE, physical="double", semantic="number"),
        Column(name="city", source_name="city", physical="string", semantic="category"),
    )
)


def _feature(name: str, column: str, *steps: str) -> Feature:
    return Feature(name=name, column=column, steps=tuple(Step(transform=step) for step in steps))


PLAN = FeaturePlan(
    columns=tuple(ColumnChoice(column=name, use=True, reason="test") for name in SCHEMA.names),
    views={
        "tree": (
            _feature("age", AGE),
            _feature("city", "city", "one_hot"),
            _feature("code", "city", "index"),
            _feature("mean", "city", "target_encode"),
        ),
        "linear": (_feature("age", AGE, "standardise"),),
    },
)


@pytest.fixture
def rows() -> TrainingRows:
    connection = duckdb.connect()
    connection.execute(
        "CREATE TABLE train AS SELECT i::BIGINT AS _row, (i % 5)::TINYINT AS _fold, i % 2 AS _y,"
        ' CASE WHEN i > 0 THEN i END::DOUBLE AS "the ""age""",'
        " CASE i % 3 WHEN 0 THEN 'a' WHEN 1 THEN 'b' END AS city FROM range(30) AS t(i)"
    )
    return TrainingRows(connection, folds=5, classes=2, seed=0)


def _select(rows: TrainingRows, columns: tuple[tuple[str, str], ...], where: str) -> list[tuple[object, ...]]:
    return rows.select(
        f"SELECT {', '.join(code for _, code in columns)} FROM train WHERE {where} ORDER BY _row"
    )


def test_a_view_is_one_float_per_label_in_order(rows: TrainingRows) -> None:
    plan = fit_plan(PLAN, SCHEMA, rows, ["tree"])
    columns = view_columns(plan, "tree", SCHEMA, fold=None)
    assert [label for label, _ in columns] == ["age", "city=a", "city=b", "city=(missing)", "code", "mean"]
    assert [row[:5] for row in _select(rows, columns, "_row < 3")] == [
        (None, 1.0, 0.0, 0.0, 1.0),
        (1.0, 0.0, 1.0, 0.0, 2.0),
        (2.0, 0.0, 0.0, 1.0, 0.0),
    ]
    kinds = rows.select(f"SELECT {', '.join(f'typeof({code})' for _, code in columns)} FROM train LIMIT 1")
    assert kinds == [("FLOAT",) * 6]


def test_index_columns_are_found_by_position(rows: TrainingRows) -> None:
    plan = fit_plan(PLAN, SCHEMA, rows, ["tree", "linear"])
    assert view_cardinalities(plan, "tree", SCHEMA) == {4: 4}
    assert view_cardinalities(plan, "linear", SCHEMA) == {}


def test_only_training_rows_get_target_means_out_of_fold(rows: TrainingRows) -> None:
    plan = fit_plan(PLAN, SCHEMA, rows, ["tree"])
    whole, out_of_fold = (view_columns(plan, "tree", SCHEMA, fold=fold) for fold in (None, "_fold"))
    assert whole[:5] == out_of_fold[:5]
    # Row 29 (missing city, fold 4) sees the 8 missing rows of the other folds.
    rows.connection.execute("UPDATE train SET _y = 1 WHERE city IS NULL AND _fold <> 4")
    moved = fit_plan(PLAN, SCHEMA, rows, ["tree"])
    (mean,) = _select(rows, view_columns(moved, "tree", SCHEMA, fold="_fold")[5:], "_row = 29")[0]
    # 8 ones beside 10 rows of the overall mean of the other folds, (4 × 2 + 8) of 24.
    assert mean == pytest.approx((8 + 10 * 16 / 24) / 18)


def test_a_number_beyond_float32_is_moved_to_its_limit(rows: TrainingRows) -> None:
    plan = fit_plan(PLAN, SCHEMA, rows, ["linear"])
    (step,) = plan.views["linear"][0].steps
    tiny = Step(transform=step.transform, params=step.params, state={"mean": 0.0, "scale": 1e-300})
    extreme = FeaturePlan(
        columns=plan.columns, views={"linear": (Feature(name="age", column=AGE, steps=(tiny,)),)}
    )
    columns = view_columns(extreme, "linear", SCHEMA, fold=None)
    assert _select(rows, columns, "_row < 2") == [(None,), (FLOAT_MAX,)]
    assert np.float32(FLOAT_MAX) == np.finfo(np.float32).max


def test_an_unfitted_or_unknown_view_is_refused(rows: TrainingRows) -> None:
    with pytest.raises(InvalidSpec, match="has no state"):
        view_columns(PLAN, "linear", SCHEMA, fold=None)
    with pytest.raises(InvalidSpec, match="no view 'deep'"):
        view_cardinalities(PLAN, "deep", SCHEMA)
