"""Target means: the numbers, by hand."""

from __future__ import annotations

import duckdb
import pytest

from engine.transforms import transform
from engine.transforms.base import TrainingRows


def _rows(classes: int) -> TrainingRows:
    connection = duckdb.connect()
    connection.execute(
        "CREATE TABLE train AS SELECT * FROM (VALUES"
        " (0, 0::TINYINT, 1, 'a'), (1, 0::TINYINT, 0, 'b'), (2, 1::TINYINT, 0, 'a'), (3, 1::TINYINT, 1, 'a'),"
        " (4, 1::TINYINT, 1, NULL)) AS t(_row, _fold, _y, c)"
    )
    return TrainingRows(connection, folds=2, classes=classes, seed=0)


def test_means_are_smoothed_towards_the_overall_mean() -> None:
    rows, owner = _rows(2), transform("target_encode")
    params = {"max_keys": 10, "smoothing": 1.0, "max_classes": 10, "standardise": False}
    state = owner.fit(rows, "c", params)
    (whole,) = owner.sql("c", params, state, fold=None)
    (out_of_fold,) = owner.sql("c", params, state, fold="_fold")
    found = rows.select(f"SELECT {whole}, {out_of_fold} FROM train ORDER BY _row")
    # Overall mean 3/5; without fold 0 it is 2/3, without fold 1 it is 1/2.
    a = (2 + 0.6) / (3 + 1)
    assert [w for w, _ in found] == pytest.approx([a, 0.6 / 2, a, a, 1.6 / 2])
    in_fold_0 = [(1 + 2 / 3) / 3, 2 / 3]
    in_fold_1 = [(1 + 0.5) / 2, (1 + 0.5) / 2, 0.5]
    assert [o for _, o in found] == pytest.approx([*in_fold_0, *in_fold_1])


def test_each_of_the_most_frequent_classes_has_a_column() -> None:
    rows, owner = _rows(3), transform("target_encode")
    params = {"max_keys": 10, "smoothing": 1.0, "max_classes": 1, "standardise": False}
    state = owner.fit(rows, "c", params)
    assert state["classes"] == [1]
    assert owner.labels({**params, "max_classes": 2}, owner.fit(rows, "c", {**params, "max_classes": 2})) == (
        "_0",
        "_1",
    )


def test_standardised_means_have_deviation_one() -> None:
    rows, owner = _rows(2), transform("target_encode")
    params = {"max_keys": 10, "smoothing": 1.0, "max_classes": 10, "standardise": True}
    state = owner.fit(rows, "c", params)
    (whole,) = owner.sql("c", params, state, fold=None)
    ((mean, deviation),) = rows.select(f"SELECT avg({whole}), stddev_pop({whole}) FROM train")
    assert (mean, deviation) == pytest.approx((0.0, 1.0))
