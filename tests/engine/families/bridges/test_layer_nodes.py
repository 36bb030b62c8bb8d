"""Every layer that has nodes answers in ONNX as it does in Keras."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import onnx
import pytest

from engine.errors import InvalidSpec
from engine.families.bridges.keras_nodes import add_model
from engine.transforms.graph import Graph
from tests.engine.made_rows import by_onnx

pytestmark = pytest.mark.slow  # it loads TensorFlow

L = keras.layers
WEIGHTS = np.random.default_rng(1)


def scrambled(model: keras.Model) -> keras.Model:
    """Give every weight a value as training might: normalisations that do nothing would hide faults."""
    for variable in model.weights:
        drawn = WEIGHTS.normal(0.0, 0.5, variable.shape)
        variable.assign(np.abs(drawn) + 0.3 if "variance" in variable.path else drawn)
    return model


def differs(model: keras.Model, shape: tuple[int, ...]) -> float:
    """Return the largest difference between Keras and ONNX, on values that leave no activation idle."""
    scrambled(model)
    x = np.random.default_rng(0).normal(0.0, 3.0, (3, *shape)).astype(np.float32)
    graph = Graph()
    features = graph.input("features", onnx.TensorProto.FLOAT, [None, *shape])
    graph.output(
        add_model(graph, features, model), "scores", onnx.TensorProto.FLOAT, [None, *model.output.shape[1:]]
    )
    body = graph.model()
    onnx.checker.check_model(body)
    native = np.asarray(model(x, training=False))
    assert native.shape == (3, *model.output.shape[1:])
    return float(np.abs(native - by_onnx(body, x)).max() / max(1.0, np.abs(native).max()))


PICTURES: dict[str, Callable[[Any], Any]] = {
    "same": L.Conv2D(4, 3, padding="same"),
    "same, strides, even": L.Conv2D(4, 3, 2, padding="same"),
    "valid, strides": L.Conv2D(4, (3, 5), (2, 1), activation="relu"),
    "dilated": L.Conv2D(4, 3, padding="same", dilation_rate=2),
    "groups": L.Conv2D(4, 3, padding="same", groups=2),
    "even kernel": L.Conv2D(4, 4, 2, padding="same"),
    "depthwise": L.DepthwiseConv2D(3, 2, padding="same", depth_multiplier=2),
    "separable": L.SeparableConv2D(5, 3, 2, padding="same", depth_multiplier=2, activation="silu"),
    "convolution and norm": lambda x: L.ReLU(6.0)(L.BatchNormalization()(L.Conv2D(4, 3, use_bias=False)(x))),
    "depthwise and norm": lambda x: L.BatchNormalization(scale=False)(L.DepthwiseConv2D(3)(x)),
    "separable and norm": lambda x: L.BatchNormalization(center=False)(L.SeparableConv2D(4, 3)(x)),
    "activated, then norm": lambda x: L.BatchNormalization()(L.Conv2D(4, 3, activation="relu")(x)),
    "norm alone": L.BatchNormalization(),
    "norm that two read": lambda x: (lambda y: L.Add()([L.BatchNormalization()(y), y]))(L.Conv2D(4, 3)(x)),
    "dense over channels": L.Dense(7, activation="gelu"),
    "layer norm over channels": L.LayerNormalization(epsilon=1e-5),
    "max": L.MaxPooling2D(3, 2, padding="same"),
    "mean": L.AveragePooling2D(3, 2, padding="same"),
    "mean, valid": L.AveragePooling2D(2),
    "global mean": L.GlobalAveragePooling2D(),
    "global max": L.GlobalMaxPooling2D(keepdims=True),
    "border": L.ZeroPadding2D(((0, 1), (2, 3))),
    "scaled per channel": L.Rescaling([0.5, 2.0, 3.0, 4.0], [1.0, 0.0, -1.0, 2.0]),
    "scaled": L.Rescaling(1 / 255.0),
    "normalised": L.Normalization(mean=[1.0, 2.0, 3.0, 4.0], variance=[1.0, 4.0, 9.0, 16.0]),
    "flat": L.Flatten(),
    "reshaped": L.Reshape((7, 36)),
    "reshaped to a picture": L.Reshape((7, 12, 3)),
    "concatenated": lambda x: L.Concatenate()([x, L.Conv2D(3, 1)(x)]),
    "concatenated by height": lambda x: L.Concatenate(axis=1)([x, x]),
    "squeezed": lambda x: L.Multiply()([x, L.GlobalAveragePooling2D(keepdims=True)(x)]),
    "numbers": lambda x: (x + 3.0) * 0.5 - 1.0,
    "softmax": L.Softmax(),
    "softmax as activation": L.Activation("softmax"),
    "leaky": L.LeakyReLU(0.3),
    "gelu": lambda x: keras.ops.gelu(x, approximate=True),
    "exact gelu": lambda x: keras.ops.gelu(x, approximate=False),
    "hard swish": L.Activation("hard_silu"),
    "hard sigmoid": L.Activation("hard_sigmoid"),
    "model in a model": lambda x: keras.Sequential([L.Input((9, 7, 4)), L.Conv2D(2, 3), L.ReLU()])(x),
    "nothing": lambda x: L.Dropout(0.5)(L.Identity()(x)),
}


@pytest.mark.parametrize("layer", PICTURES)
def test_layers_of_pictures(layer: str) -> None:
    pictures = keras.Input((9, 7, 4))
    assert differs(keras.Model(pictures, PICTURES[layer](pictures)), (9, 7, 4)) < 1e-5


SEQUENCES: dict[str, Callable[[Any], Any]] = {
    "attention": lambda x: L.MultiHeadAttention(3, 4)(x, x),
    "attention of other widths": lambda x: L.MultiHeadAttention(2, 4, value_dim=5, use_bias=False)(
        x, L.Dense(9)(x)
    ),
    "layer norm": L.LayerNormalization(),
    "dense": L.Dense(5, activation="softmax"),
    "mean": L.GlobalAveragePooling1D(),
}


@pytest.mark.parametrize("layer", SEQUENCES)
def test_layers_of_sequences(layer: str) -> None:
    steps = keras.Input((6, 8))
    assert differs(keras.Model(steps, SEQUENCES[layer](steps)), (6, 8)) < 1e-5


@pytest.mark.parametrize(
    ("layer", "named"),
    [
        (L.Activation("selu"), "selu"),
        (L.BatchNormalization(axis=1), "axis"),
        (L.LayerNormalization(axis=1), "axis"),
        (L.ReLU(threshold=1.0), "threshold"),
    ],
)
def test_a_form_that_has_no_nodes_is_named(layer: Any, named: str) -> None:
    pictures = keras.Input((9, 7, 4))
    with pytest.raises(InvalidSpec, match=named):
        differs(keras.Model(pictures, layer(pictures)), (9, 7, 4))
