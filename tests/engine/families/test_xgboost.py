"""XGBoost's proposals suit the data, and its size is known before training."""

from __future__ import annotations

from engine.families.base import DataShape
from engine.families.xgboost import FAMILY
from engine.specs.params import complete


def shape(rows: int, outputs: int = 1) -> DataShape:
    task = "regression" if outputs == 1 else "multiclass"
    return DataShape(rows=rows, features=10, task=task, outputs=outputs)


def test_many_classes_get_fewer_rounds() -> None:
    few, many = (FAMILY.proposes(shape(50_000, outputs))[0].params["rounds"] for outputs in (1, 200))
    assert many < few


def test_a_body_too_large_is_refused() -> None:
    params = complete(FAMILY.params, {"rounds": 20_000, "depth": 12}, "xgboost")
    reason = FAMILY.refuses(shape(100_000), params)
    assert reason is not None
    assert "20,000 trees" in reason


def test_leaves_are_no_more_than_rows() -> None:
    params = complete(FAMILY.params, {"rounds": 20_000, "depth": 12}, "xgboost")
    assert FAMILY.refuses(shape(100), params) is None
