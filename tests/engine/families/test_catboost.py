"""CatBoost's proposals suit the data, and its size is known before training."""

from __future__ import annotations

from engine.families.base import DataShape
from engine.families.catboost import FAMILY
from engine.specs.params import complete


def shape(rows: int, outputs: int = 1) -> DataShape:
    task = "regression" if outputs == 1 else "multiclass"
    return DataShape(rows=rows, features=10, task=task, outputs=outputs)


def test_many_classes_get_fewer_rounds() -> None:
    few, many = (FAMILY.proposes(shape(50_000, outputs))[0].params["rounds"] for outputs in (1, 200))
    assert many < few


def test_every_class_makes_a_leaf_larger() -> None:
    params = complete(FAMILY.params, {"rounds": 5_000, "depth": 8}, "catboost")
    assert FAMILY.refuses(shape(10_000, 3), params) is None
    reason = FAMILY.refuses(shape(10_000, 200), params)
    assert reason is not None
    assert "256 leaves" in reason
