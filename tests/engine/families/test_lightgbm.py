"""LightGBM's proposals suit the data, and its size is known before training."""

from __future__ import annotations

from engine.families.base import DataShape
from engine.families.lightgbm import FAMILY
from engine.specs.params import complete


def shape(rows: int, outputs: int = 1) -> DataShape:
    task = "regression" if outputs == 1 else "multiclass"
    return DataShape(rows=rows, features=10, task=task, outputs=outputs)


def test_small_data_gets_small_trees() -> None:
    assert (
        FAMILY.proposes(shape(500))[0].params["leaves"] < FAMILY.proposes(shape(50_000))[0].params["leaves"]
    )


def test_many_classes_get_fewer_rounds() -> None:
    assert (
        FAMILY.proposes(shape(50_000, 200))[0].params["rounds"]
        < FAMILY.proposes(shape(50_000))[0].params["rounds"]
    )


def test_a_body_too_large_is_refused() -> None:
    params = complete(FAMILY.params, {"rounds": 20_000, "leaves": 512}, "lightgbm")
    reason = FAMILY.refuses(shape(10_000), params)
    assert reason is not None
    assert "20,000 trees" in reason
