"""Whole networks are written as they are; what cannot be written is named before anything is trained."""

from __future__ import annotations

import keras
import numpy as np
import onnx
import pytest

from engine.errors import InvalidSpec
from engine.families.bridges.keras_nodes import add_model, check_model
from engine.transforms.graph import Graph
from tests.engine.made_rows import by_onnx

pytestmark = pytest.mark.slow  # it loads TensorFlow

L = keras.layers


@pytest.mark.parametrize("name", ["MobileNetV2", "MobileNetV3Small", "ResNet50", "EfficientNetB0"])
def test_known_networks_answer_alike(name: str) -> None:
    rng = np.random.default_rng(0)
    model = getattr(keras.applications, name)(
        weights=None, input_shape=(63, 63, 3), classes=7, classifier_activation=None
    )
    check_model(model)
    x = rng.integers(0, 256, (16, 63, 63, 3)).astype(np.float32)
    x *= np.linspace(0.0, 1.0, len(x))[:, None, None, None]
    for layer in model.layers:
        if isinstance(layer, L.BatchNormalization):
            layer.momentum = 0.0
    model(x, training=True)  # so that normalisations have something to do
    graph = Graph()
    features = graph.input("features", onnx.TensorProto.FLOAT, [None, 63, 63, 3])
    graph.output(add_model(graph, features, model), "scores", onnx.TensorProto.FLOAT, [None, 7])
    native = np.asarray(model(x, training=False))
    spread = np.ptp(native, axis=0).max()
    assert spread > 1e-3 * np.abs(native).max()
    assert np.abs(native - by_onnx(graph.model(), x)).max() < 1e-4 * np.abs(native).max()


def test_normalisations_are_folded_into_what_stands_before_them() -> None:
    pictures = keras.Input((8, 8, 3))
    x = L.ReLU()(L.BatchNormalization()(L.Conv2D(4, 3)(pictures)))
    model = keras.Model(pictures, L.Dense(2)(L.GlobalAveragePooling2D()(x)))
    graph = Graph()
    add_model(graph, graph.input("features", onnx.TensorProto.FLOAT, [None, 8, 8, 3]), model)
    assert [node.op_type for node in graph.nodes] == [
        "Transpose",
        "Conv",
        "Relu",
        "GlobalAveragePool",
        "Flatten",
        "Gemm",
    ]


def test_an_unknown_layer_is_named() -> None:
    pictures = keras.Input((8, 8, 3))
    model = keras.Model(pictures, L.Cropping2D(1, name="cut_off")(pictures))
    with pytest.raises(InvalidSpec, match=r"cut_off.*Cropping2D"):
        check_model(model)


def test_an_unknown_layer_inside_a_model_is_named() -> None:
    pictures = keras.Input((8, 8, 3))
    inner = keras.Sequential([L.Input((8, 8, 3)), L.Cropping2D(1, name="cut_off")])
    with pytest.raises(InvalidSpec, match=r"cut_off.*Cropping2D"):
        check_model(keras.Model(pictures, inner(pictures)))


def test_a_layer_that_is_called_twice_is_named() -> None:
    pictures = keras.Input((8, 8, 3))
    shared = L.Conv2D(3, 3, padding="same", name="shared")
    with pytest.raises(InvalidSpec, match="shared"):
        check_model(keras.Model(pictures, shared(shared(pictures))))
