"""Training on pictures: shares of time, class weights, one class, and what is told of it."""

from __future__ import annotations

import itertools
import time
from dataclasses import replace

import keras
import numpy as np
import pytest

from engine.families.base import Budget, TrainingData
from engine.families.bridges.picture_networks import build, plain, residual
from engine.families.bridges.pictures import fit_pictures, in_half_precision, recipe
from engine.families.small_cnn import FAMILY
from engine.specs.params import complete
from tests.engine.made_rows import Rows, by_onnx, made_data

pytestmark = pytest.mark.slow  # it loads TensorFlow

PARAMS = complete(FAMILY.params, {"width": 4, "passes": 4, "learning_rate": 0.01}, "small_cnn")


def ignore(*told: float) -> None:
    """Listen to nothing."""


def test_time_that_is_short_shortens_the_training() -> None:
    ticks = itertools.count()
    budget = Budget(40.0, lambda: float(next(ticks)))
    fitted = fit_pictures(plain, {**PARAMS, "passes": 1000}, made_data("pixels", "binary"), budget, ignore)
    assert fitted.stopped == "time"
    assert 1 <= len(fitted.curve) < 20


def test_one_class_needs_no_network() -> None:
    data = made_data("pixels", "multiclass", classes=(1,))
    fitted = fit_pictures(plain, PARAMS, data, Budget(10.0, time.monotonic), ignore)
    x, _ = data.valid.arrays()
    assert (fitted.predict(x) == [0.0, 1.0, 0.0]).all()
    assert (by_onnx(fitted.to_onnx(), x[:3]) == [0.0, 1.0, 0.0]).all()


def test_floats_are_answered_as_bytes() -> None:
    data = made_data("pixels", "binary")
    fitted = fit_pictures(plain, {**PARAMS, "passes": 1}, data, Budget(60.0, time.monotonic), ignore)
    x, _ = data.valid.arrays()
    assert (fitted.predict(x.astype(np.float32)) == fitted.predict(x)).all()
    assert fitted.notes["flip"] in ("none", "horizontal")


def test_class_weights_raise_the_rare_class() -> None:
    data = made_data("pixels", "binary")
    x, y = data.train.arrays()
    rare = np.flatnonzero(y == 1)[:20]
    rows = np.concatenate([np.flatnonzero(y == 0), rare])
    x, y = x.copy(), y.copy()
    x[rare] = x[np.flatnonzero(y == 0)[:20]]  # nothing tells them apart: only the weights differ
    few: TrainingData = replace(data, train=Rows(x[rows], y[rows]))
    means = [
        fit_pictures(plain, {**PARAMS, "class_weights": weighted}, few, Budget(60.0, time.monotonic), ignore)
        .predict(data.valid.arrays()[0])[:, 1]
        .mean()
        for weighted in (False, True)
    ]
    assert means[1] > means[0] + 0.1


def test_without_validation_pictures_the_end_of_the_schedule_is_kept() -> None:
    data = made_data("pixels", "binary")
    x, y = data.valid.arrays()
    blind = replace(data, valid=Rows(x[:0], y[:0]))
    fitted = fit_pictures(plain, PARAMS, blind, Budget(60.0, time.monotonic), ignore)
    assert fitted.notes["passes"] == PARAMS["passes"] == len(fitted.curve)


def test_half_precision_is_for_training_only() -> None:
    def made() -> keras.Model:
        return build(
            residual,
            {"width": 4, "depth": 1, "dropout": 0.0},
            (8, 8, 3),
            scale=[0.01] * 3,
            offset=[-1.0] * 3,
            outputs=3,
        )

    model, served = in_half_precision(made), made()
    served.set_weights(model.get_weights())
    x = np.random.default_rng(0).integers(0, 256, (64, 8, 8, 3)).astype(np.float32)
    assert {variable.dtype for variable in model.weights} == {"float32"}
    assert {layer.compute_dtype for layer in model.layers if "conv" in layer.name} == {"bfloat16"}
    assert {layer.compute_dtype for layer in served.layers} == {"float32"}
    trained = np.asarray(model(x, training=True))
    assert trained.dtype == np.float32
    assert np.allclose(trained, np.asarray(served(x, training=True)), atol=0.1)


def test_a_turn_is_a_part_of_a_long_pass() -> None:
    short = recipe(PARAMS, rows=1_000, cells=3_072)
    long = recipe(PARAMS, rows=1_000_000, cells=3_072)
    assert short.passes == PARAMS["passes"]
    assert long.passes == PARAMS["passes"] * (1_000_000 // long.rows_per_turn)
    assert (short.batch, long.batch) == (32, 64)
    assert recipe(PARAMS, rows=1_000, cells=150_528).answer_rows < short.answer_rows
