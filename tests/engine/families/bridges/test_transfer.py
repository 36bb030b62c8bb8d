"""Transfer learning: a head first, tuning only where time and validation pictures allow it."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.errors import WorkFailed
from engine.families.base import Budget, TrainingData
from engine.families.bridges.transfer import fit_transfer
from engine.families.fitted import FittedModel
from engine.families.transfer import FAMILY
from engine.specs.params import complete
from tests.engine.made_rows import by_onnx, made_data
from tests.engine.made_weights import SMALL, weights_folder

pytestmark = pytest.mark.slow  # it loads TensorFlow

PARAMS = complete(
    FAMILY.params,
    {"network": SMALL, "depth": 1, "enlarge": 3, "head_passes": 10, "passes": 0, "hidden": 8},
    "transfer",
)


@pytest.fixture(scope="module")
def data() -> TrainingData:
    return replace(made_data("pixels", "binary"), weights=weights_folder())


def ignore(*told: float) -> None:
    """Listen to nothing."""


@pytest.fixture(scope="module")
def head(data: TrainingData) -> FittedModel:
    """A model of which nothing is tuned."""
    return fit_transfer(PARAMS, data, Budget(60.0, time.monotonic), ignore)


def test_a_head_of_two_layers_answers_in_the_file_as_it_does_here(
    data: TrainingData, head: FittedModel
) -> None:
    x, y = data.valid.arrays()
    native = head.predict(x)
    assert (native.argmax(axis=1) == y).mean() > 0.8
    assert np.abs(native - by_onnx(head.to_onnx(), x)).max() < 1e-4
    assert (head.notes["passes"], head.notes["network"]) == (0, SMALL)


def test_tuning_that_validation_pictures_disapprove_of_is_taken_back(
    data: TrainingData, head: FittedModel
) -> None:
    ruin = {"passes": 1, "learning_rate": 0.1, "clip_norm": 0.0}
    fitted = fit_transfer({**PARAMS, **ruin}, data, Budget(60.0, time.monotonic), ignore)
    x, y = data.valid.arrays()
    hits = [(model.predict(x).argmax(axis=1) == y).mean() for model in (head, fitted)]
    assert hits[1] >= hits[0]
    if fitted.notes["passes"] == 0:
        assert np.allclose(fitted.predict(x), head.predict(x), atol=1e-5)


def test_missing_weights_are_named(data: TrainingData, tmp_path: Path) -> None:
    with pytest.raises(WorkFailed, match="no weights for MobileNetV2"):
        fit_transfer(PARAMS, replace(data, weights=tmp_path), Budget(60.0, time.monotonic), ignore)


def test_one_class_needs_no_network(data: TrainingData) -> None:
    one = replace(made_data("pixels", "multiclass", classes=(1,)), weights=weights_folder())
    fitted = fit_transfer(PARAMS, one, Budget(60.0, time.monotonic), ignore)
    assert (fitted.predict(one.valid.arrays()[0]) == [0.0, 1.0, 0.0]).all()
