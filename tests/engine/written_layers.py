"""Keras layers beside their own ONNX nodes, for tests of what writes them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import onnx

from engine.families.bridges.keras_nodes import add_model
from engine.transforms.graph import Graph
from tests.engine.made_rows import by_onnx

Layer = Callable[[Any], Any]
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


def picture_difference(layer: Layer) -> float:
    """Return `differs` of a layer over pictures of 9 × 7 with 4 channels."""
    pictures = keras.Input((9, 7, 4))
    return differs(keras.Model(pictures, layer(pictures)), (9, 7, 4))
