"""The network keeps its best weights, obeys patience, and every dial of it is served alike."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest

from engine.families.base import Budget
from engine.families.bridges.network import fit_network, recipe
from engine.families.mlp import FAMILY
from engine.specs.params import complete
from tests.engine.made_rows import by_onnx, made_data

pytestmark = pytest.mark.slow


def params(**given: Any) -> dict[str, Any]:
    return complete(FAMILY.params, {"passes": 8, "width": 16, "embedding": 4, **given}, "mlp")


@pytest.mark.parametrize(
    "given",
    [
        {"batch_norm": False, "dropout": 0.0, "schedule": "constant"},
        {"l1": 0.001, "l2": 0.001, "schedule": "exponential", "layers": 1, "clip_norm": 0.0},
    ],
)
def test_every_dial_is_served_alike(given: dict[str, Any]) -> None:
    data = made_data("deep", "multiclass")
    fitted = fit_network(params(**given), data, Budget(60.0, time.monotonic), lambda *_: None)
    x, _ = data.valid.arrays()
    assert np.abs(fitted.predict(x) - by_onnx(fitted.to_onnx(), x)).max() < 1e-5


def test_patience_stops_it() -> None:
    data = made_data("deep", "regression")
    fitted = fit_network(
        params(passes=200, patience=2, learning_rate=0.05, schedule="constant"),
        data,
        Budget(120.0, time.monotonic),
        lambda *_: None,
    )
    assert fitted.stopped == "early"
    assert fitted.notes["passes"] == min(fitted.curve, key=lambda point: point[2])[0]


def test_few_rows_get_small_batches_and_many_are_compiled() -> None:
    few, many = recipe(params(), 200), recipe(params(), 10_000_000)
    assert (few.batch, few.compiled) == (32, False)
    assert many.batch == params()["batch_size"]
    assert recipe(params(), 7).batch == 7
