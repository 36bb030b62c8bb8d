"""Every layer that has nodes answers in ONNX as it does in Keras."""

from __future__ import annotations

from typing import Any

import keras
import pytest

from engine.errors import InvalidSpec
from tests.engine.written_layers import Layer, differs, picture_difference

pytestmark = pytest.mark.slow  # it loads TensorFlow

L = keras.layers

PICTURES: dict[str, Layer] = {
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
    "enlarged": L.UpSampling2D((2, 3), interpolation="bilinear"),
    "repeated": L.UpSampling2D(2),
    "scaled by what was learned": keras.src.applications.convnext.LayerScale(0.1, 4),
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
    "model in a model": lambda x: keras.Sequential([L.Input((9, 7, 4)), L.Conv2D(2, 3), L.ReLU()])(x),
    "nothing": lambda x: L.Dropout(0.5)(L.Identity()(x)),
}


@pytest.mark.parametrize("layer", PICTURES)
def test_layers_of_pictures(layer: str) -> None:
    assert picture_difference(PICTURES[layer]) < 1e-5


SEQUENCES: dict[str, Layer] = {
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
        (L.BatchNormalization(axis=1), "axis"),
        (L.LayerNormalization(axis=1), "axis"),
    ],
)
def test_a_form_that_has_no_nodes_is_named(layer: Any, named: str) -> None:
    with pytest.raises(InvalidSpec, match=named):
        picture_difference(layer)
