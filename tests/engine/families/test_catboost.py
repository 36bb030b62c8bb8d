"""CatBoost's proposals suit the data, and its size is known before training."""

from __future__ import annotations

from engine.families.base import DataShape
from engine.families.catboost import FAMILY
from engine.specs.params import complete


def shape(rows: int, outputs: int = 1) -> DataShape:
    task = "regression" if outputs == 1 else "multiclass"
    return DataShape(rows=rows, features=10, task=task, outputs=outputs)


def test_more_classes_get_fewer_rounds_and_many_get_none() -> None:
    few, more = (FAMILY.proposes(shape(50_000, outputs))[0].params["rounds"] for outputs in (1, 25))
    assert more < few
    assert FAMILY.proposes(shape(50_000, 200)) == ()


def test_few_rows_get_shallower_trees() -> None:
    few, many = (FAMILY.proposes(shape(rows))[0].params["depth"] for rows in (500, 50_000))
    assert few < many


def test_every_class_makes_a_leaf_larger() -> None:
    params = complete(FAMILY.params, {"rounds": 5_000, "depth": 8}, "catboost")
    assert FAMILY.refuses(shape(10_000, 3), params) is None
    reason = FAMILY.refuses(shape(10_000, 200), params)
    assert reason is not None
    assert "256 leaves" in reason
