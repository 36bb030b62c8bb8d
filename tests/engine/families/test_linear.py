"""The linear family finds a known line, and how hard to hold its weights down."""

from __future__ import annotations

import time

import numpy as np
import pytest

from engine.families.base import Budget, TrainingData
from engine.families.linear import FAMILY
from engine.specs.params import complete
from tests.engine.made_rows import Rows


def line(noise: float, features: int = 3) -> TrainingData:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(400, features)).astype(np.float32)
    y = 100.0 + 5.0 * x[:, 0] - 2.0 * x[:, 1] + noise * rng.normal(size=400)
    rows = [Rows(x[:200], y[:200]), Rows(x[200:], y[200:])]
    return TrainingData(task="regression", outputs=1, train=rows[0], valid=rows[1], seed=0, threads=1)


def answer(data: TrainingData, x: list[float], **params: object) -> float:
    budget = Budget(30.0, time.monotonic)
    fitted = FAMILY.build(complete(FAMILY.params, params, "linear"), data, budget, lambda *_: None)
    return float(fitted.predict(np.array([x], np.float32))[0, 0])


@pytest.mark.parametrize("penalty", ["l2", "l1", "elastic_net"])
def test_a_noiseless_line_is_found(penalty: str) -> None:
    assert answer(line(0.0), [1.0, 1.0, 0.0], penalty=penalty) == pytest.approx(103.0, abs=0.05)


def test_a_given_strength_is_kept() -> None:
    shrunk = answer(line(0.0), [1.0, 0.0, 0.0], strength=1_000.0)
    assert 100.0 < shrunk < 103.0


def test_l1_drops_what_does_not_matter() -> None:
    data = line(1.0)
    with_other = answer(data, [0.0, 0.0, 9.0], penalty="l1", strength=60.0)
    assert with_other == pytest.approx(answer(data, [0.0, 0.0, 0.0], penalty="l1", strength=60.0))


def test_noise_asks_for_a_stronger_penalty() -> None:
    def found(noise: float) -> float:
        data = line(noise, features=60)
        params = complete(FAMILY.params, {}, "linear")
        return FAMILY.build(params, data, Budget(30.0, time.monotonic), lambda *_: None).notes["strength"]

    assert found(20.0) > found(0.01)
