"""Sizes follow the data, and every dial is served alike."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest

from engine.families.base import Budget
from engine.families.bridges.tabm import fit_tabm, plan, recipe
from engine.families.tabm import FAMILY
from engine.specs.params import complete
from tests.engine.made_rows import Rows, by_onnx, made_data

pytestmark = pytest.mark.slow


def params(**given: Any) -> dict[str, Any]:
    return complete(FAMILY.params, {"passes": 4, "width": 16, "members": 4, **given}, "tabm")


@pytest.mark.parametrize(
    "given",
    [
        {"dropout": 0.0, "schedule": "constant", "layers": 1, "clip_norm": 0.0},
        {"mixup": 0.5, "smoothing": 0.1, "layers": 3, "weight_decay": 0.0, "embedding": 2},
    ],
)
def test_every_dial_is_served_alike(given: dict[str, Any]) -> None:
    data = made_data("deep", "multiclass")
    fitted = fit_tabm(params(**given), data, Budget(60.0, time.monotonic), lambda *_: None)
    x, _ = data.valid.arrays()
    assert np.abs(fitted.predict(x) - by_onnx(fitted.to_onnx(), x)).max() < 1e-5


def test_many_columns_get_shorter_embeddings_and_very_many_none() -> None:
    def made(columns: int) -> Rows:
        return Rows(np.random.default_rng(0).normal(size=(100, columns)).astype(np.float32), np.zeros(100))

    few, many, very = (plan(params(), made(columns), 2, None) for columns in (10, 200, 1_000))
    assert few.embedding == params()["embedding"]
    assert 2 <= many.embedding < few.embedding
    assert very.inputs == 1_000


def test_few_rows_get_small_batches() -> None:
    assert recipe(params(), 100).batch < recipe(params(), 100_000).batch == params()["batch_size"]
