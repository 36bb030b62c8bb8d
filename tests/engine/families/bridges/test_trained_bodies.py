"""A trained network becomes a body: cut where it is told, frozen, with its weights and what it expects of pictures."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest

from engine.errors import WorkFailed
from engine.families.bridges.trained_bodies import Body, application, load_body
from engine.families.trained_networks import BY_NAME
from engine.families.weights import weights_file
from tests.engine.made_weights import SMALL, weights_folder

pytestmark = pytest.mark.slow  # it loads TensorFlow

PICTURES = np.random.default_rng(0).integers(0, 256, (4, 16, 16, 3)).astype(np.float32)


@pytest.fixture(scope="module")
def body() -> Body:
    return load_body(SMALL, weights_file(weights_folder(), SMALL), (16, 16, 3), depth=2, enlarge=2)


def test_it_is_the_network_as_far_as_it_is_kept(body: Body) -> None:
    whole = application(BY_NAME[SMALL], (32, 32, 3))
    with np.load(weights_file(weights_folder(), SMALL)) as held:
        for name, variable in zip(sorted(held.files), whole.weights, strict=True):
            variable.assign(held[name])
    inner = keras.Model(whole.input, whole.get_layer("block_3_expand").input)
    larger = keras.layers.UpSampling2D(2, interpolation="bilinear")(PICTURES) / 127.5 - 1.0
    expected = np.asarray(inner(larger, training=False)).mean(axis=(1, 2))
    assert body.width == expected.shape[1]
    assert body.cells == 32 * 32 * 3
    assert np.allclose(np.asarray(body.model(PICTURES)), expected, atol=1e-5)


def test_normalisations_stay_as_they_were_trained(body: Body) -> None:
    before = [variable.value.numpy() for variable in body.model.weights]
    trained = np.asarray(body.model(PICTURES, training=True))
    assert np.allclose(trained, np.asarray(body.model(PICTURES, training=False)), atol=1e-6)
    after = [variable.value.numpy() for variable in body.model.weights]
    assert all((one == other).all() for one, other in zip(before, after, strict=True))


def test_what_may_be_tuned_is_told_by_stage(body: Body) -> None:
    assert [len(stage) for stage in body.stages] == [3, 6]
    assert all(len(variable.shape) == 4 for stage in body.stages for variable in stage)


def test_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "w.npz", np.zeros(3))
    with pytest.raises(WorkFailed, match="do not fit it any more"):
        load_body(SMALL, tmp_path / "w.npz", (16, 16, 3), depth=1, enlarge=2)
