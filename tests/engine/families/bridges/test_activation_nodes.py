"""Activation functions answer in ONNX as they do in Keras."""

from __future__ import annotations

import keras
import pytest

from engine.errors import InvalidSpec
from tests.engine.written_layers import Layer, picture_difference

pytestmark = pytest.mark.slow  # it loads TensorFlow

L = keras.layers

ACTIVATIONS: dict[str, Layer] = {
    "softmax": L.Softmax(),
    "softmax as activation": L.Activation("softmax"),
    "leaky": L.LeakyReLU(0.3),
    "gelu": lambda x: keras.ops.gelu(x, approximate=True),
    "exact gelu": lambda x: keras.ops.gelu(x, approximate=False),
    "hard swish": L.Activation("hard_silu"),
    "hard sigmoid": L.Activation("hard_sigmoid"),
    "six": L.ReLU(6.0),
    **{
        name: L.Activation(name)
        for name in ("linear", "relu", "relu6", "sigmoid", "tanh", "silu", "gelu", "softplus", "elu")
    },
    "inside a layer": L.Dense(5, activation="softmax"),
    "inside a convolution": L.Conv2D(5, 3, activation="softmax"),
    "operations": lambda x: keras.ops.relu(keras.ops.silu(x)),
}


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations(name: str) -> None:
    assert picture_difference(ACTIVATIONS[name]) < 1e-5


@pytest.mark.parametrize(
    ("layer", "named"), [(L.Activation("selu"), "selu"), (L.ReLU(threshold=1.0), "threshold")]
)
def test_a_form_that_has_no_nodes_is_named(layer: Layer, named: str) -> None:
    with pytest.raises(InvalidSpec, match=named):
        picture_difference(layer)
