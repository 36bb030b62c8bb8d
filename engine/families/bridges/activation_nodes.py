"""Activation functions of Keras in ONNX nodes, as layers and inside layers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from engine.families.bridges.layer_calls import Call, Write, place_of, unknown
from engine.transforms.graph import Graph


def activate(graph: Graph, x: str, function: Any, call: Call) -> str:
    """Add an activation function.   Raises: InvalidSpec when it has no nodes here."""
    name = getattr(function, "__name__", str(function))
    if function is None or name == "linear":
        return x
    if name == "softmax":
        return graph.node("Softmax", x, axis=place_of(-1, len(call.shape)))
    if name in _ACTIVATIONS:
        return _ACTIVATIONS[name](graph, x)
    raise unknown(call.operation, f"the activation {name!r}")


def _clip6(graph: Graph, x: str) -> str:
    return graph.node("Clip", x, graph.constant(0.0, np.float32), graph.constant(6.0, np.float32))


_ACTIVATIONS: Mapping[str, Callable[[Graph, str], str]] = {
    "relu": lambda graph, x: graph.node("Relu", x),
    "relu6": _clip6,
    "sigmoid": lambda graph, x: graph.node("Sigmoid", x),
    "tanh": lambda graph, x: graph.node("Tanh", x),
    "silu": lambda graph, x: graph.node("Mul", x, graph.node("Sigmoid", x)),
    "gelu": lambda graph, x: graph.node("Gelu", x),
    "hard_sigmoid": lambda graph, x: graph.node("HardSigmoid", x, alpha=1.0 / 6.0, beta=0.5),
    "hard_silu": lambda graph, x: graph.node("HardSwish", x),
    "softplus": lambda graph, x: graph.node("Softplus", x),
    "elu": lambda graph, x: graph.node("Elu", x),
}


def relu(graph: Graph, call: Call) -> str:
    """ReLU, leaky and bounded."""
    layer, x = call.operation, call.values[0]
    slope = float(getattr(layer, "negative_slope", 0.0))
    most = getattr(layer, "max_value", None)
    if getattr(layer, "threshold", 0.0):
        raise unknown(layer, "the threshold")
    answer = graph.node("LeakyRelu", x, alpha=slope) if slope else graph.node("Relu", x)
    return answer if most is None else graph.node("Min", answer, graph.constant(most, np.float32))


def activation(graph: Graph, call: Call) -> str:
    """Activation by a function."""
    return activate(graph, call.values[0], call.operation.activation, call)


def named(name: str) -> Write:
    """An operation of keras.ops that is an activation."""
    return lambda graph, call: _ACTIVATIONS[name](graph, call.values[0])


def gelu(graph: Graph, call: Call) -> str:
    """keras.ops.gelu, exact or by its tanh form."""
    form = "tanh" if call.operation.approximate else "none"
    return graph.node("Gelu", call.values[0], approximate=form)


def softmax(graph: Graph, call: Call) -> str:
    """Softmax over one axis."""
    return graph.node("Softmax", call.values[0], axis=place_of(call.operation.axis, len(call.shape)))
