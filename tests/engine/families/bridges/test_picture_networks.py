"""The bodies fit every side, start as they should, and can all be written; the fused norm is Keras' own."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from engine.families.bridges import picture_networks
from engine.families.bridges.keras_nodes import check_model
from engine.families.bridges.picture_networks import Body, Norm, build

pytestmark = pytest.mark.slow  # it loads TensorFlow

BODIES = [
    picture_networks.plain,
    picture_networks.residual,
    picture_networks.separable,
    picture_networks.modern,
]
PARAMS = {"width": 8, "depth": 2, "dropout": 0.1}


@pytest.mark.parametrize("body", BODIES, ids=lambda body: body.__name__)
@pytest.mark.parametrize("shape", [(8, 8, 3), (33, 33, 3), (96, 96, 3), (224, 224, 3)], ids=str)
def test_every_body_can_be_written_at_every_side(body: Body, shape: tuple[int, ...]) -> None:
    model = build(body, PARAMS, shape, scale=[0.01] * 3, offset=[-1.0] * 3, outputs=5)
    check_model(model)
    x = np.random.default_rng(0).integers(0, 256, (2, *shape)).astype(np.float32)
    assert model(x, training=False).shape == (2, 5)


def test_the_fused_norm_trains_as_keras_does() -> None:
    x = np.random.default_rng(0).normal(2.0, 3.0, (16, 4, 4, 6)).astype(np.float32)
    ours, theirs = Norm(), keras.layers.BatchNormalization(momentum=0.9, epsilon=1e-3)
    trained = [np.asarray(norm(x, training=True)) for norm in (ours, theirs)]
    assert np.allclose(trained[0], trained[1], atol=1e-4)
    # The fused one's variance is that of a sample: of 256 values it is larger by one part in 255.
    for one, other in zip(ours.weights, theirs.weights, strict=True):
        assert np.allclose(np.asarray(one), np.asarray(other), rtol=5e-3, atol=1e-5)
    answered = [np.asarray(norm(x, training=False)) for norm in (ours, theirs)]
    assert np.allclose(answered[0], answered[1], rtol=5e-3, atol=2e-2)
