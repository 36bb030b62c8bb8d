"""A Keras functional model as ONNX nodes: a walk over its operations, pictures with channels first inside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras

from engine.errors import InvalidSpec
from engine.families.bridges import activation_nodes as activations
from engine.families.bridges import layer_nodes as nodes
from engine.families.bridges.layer_calls import TO_FIRST, TO_LAST, Call, Write
from engine.transforms.graph import Graph

_L, _OPS = keras.layers, keras.src.ops

#: By class; a subclass is written as the nearest of its parents.
WRITERS: Mapping[type, Write] = {
    _L.Conv2D: nodes.convolution,
    _L.DepthwiseConv2D: nodes.depthwise,
    _L.SeparableConv2D: nodes.separable,
    _L.Dense: nodes.dense,
    _L.BatchNormalization: nodes.batch_norm,
    _L.LayerNormalization: nodes.layer_norm,
    _L.Normalization: nodes.normalization,
    _L.Rescaling: nodes.rescaling,
    _L.MaxPooling2D: nodes.pooling("MaxPool"),
    _L.AveragePooling2D: nodes.pooling("AveragePool"),
    _L.GlobalAveragePooling2D: nodes.global_pooling("GlobalAveragePool"),
    _L.GlobalMaxPooling2D: nodes.global_pooling("GlobalMaxPool"),
    _L.GlobalAveragePooling1D: nodes.sequence_mean,
    _L.Add: nodes.joined("Add"),
    _L.Multiply: nodes.joined("Mul"),
    _L.Subtract: nodes.joined("Sub"),
    _OPS.numpy.Add: nodes.joined("Add"),
    _OPS.numpy.Multiply: nodes.joined("Mul"),
    _OPS.numpy.Subtract: nodes.joined("Sub"),
    _L.Concatenate: nodes.concatenation,
    _L.ZeroPadding2D: nodes.zero_padding,
    _L.UpSampling2D: nodes.enlarging,
    keras.src.applications.convnext.LayerScale: nodes.channel_scale,
    _L.ReLU: activations.relu,
    _L.LeakyReLU: activations.relu,
    _L.Activation: activations.activation,
    _OPS.nn.Gelu: activations.gelu,
    _OPS.nn.Silu: activations.named("silu"),
    _OPS.nn.Relu: activations.named("relu"),
    _L.Softmax: activations.softmax,
    _L.Reshape: nodes.reshape,
    _L.Flatten: nodes.reshape,
    _L.MultiHeadAttention: nodes.attention,
    _L.Dropout: nodes.passed,
    _L.SpatialDropout2D: nodes.passed,
    _L.GaussianNoise: nodes.passed,
    _L.Identity: nodes.passed,
}
#: Into whose weights a batch normalisation right behind is folded.
_FOLDING = (_L.Conv2D, _L.DepthwiseConv2D, _L.SeparableConv2D, _L.Dense)


def check_model(model: Any) -> None:
    """Raise InvalidSpec that names the first operation of `model` that cannot be written; needs no training."""
    model = _functional(model)
    for operation in _operations(model):
        if isinstance(operation, keras.Model):
            check_model(operation)
        else:
            _node(operation, model)
            _writer(operation)


def add_model(graph: Graph, x: str, model: Any) -> str:
    """Add the nodes of `model`, of one input and one output, over `x`; return its answer.

    x: float, in Keras' layout: pictures are [N, H, W, C]. So is the answer.
    Raises: InvalidSpec that names an operation that cannot be written.
    """
    model = _functional(model)
    start = graph.node("Transpose", x, perm=TO_FIRST) if len(model.inputs[0].shape) == 4 else x
    answer = _add(graph, start, model)
    if len(model.outputs[0].shape) == 4:
        return graph.node("Transpose", answer, perm=TO_LAST)
    return answer


def _add(graph: Graph, start: str, model: Any) -> str:
    """As `add_model`, but pictures have their channels first."""
    model = _functional(model)
    names: dict[int, str] = {id(model.inputs[0]): start}
    readers = _readers(model)
    for operation in _operations(model):
        node = _node(operation, model)
        answer = id(node.output_tensors[0])
        if answer in names:
            continue  # A batch normalisation that what stands before it has taken in.
        call = _call(operation, node, names)
        if isinstance(operation, keras.Model):
            names[answer] = _add(graph, call.values[0], operation)
            continue
        call.norm = _norm_behind(operation, readers[answer])
        names[answer] = _writer(operation)(graph, call)
        if call.norm is not None:
            names[id(_node(call.norm, model).output_tensors[0])] = names[answer]
    return names[id(model.outputs[0])]


def _functional(model: Any) -> Any:
    """Return a sequential model as the functional one that it keeps inside."""
    return model._functional if isinstance(model, keras.Sequential) else model


def _operations(model: Any) -> list[Any]:
    """Return what `model` does, in an order in which it can be done."""
    return [operation for operation in model.operations if not isinstance(operation, _L.InputLayer)]


def _norm_behind(operation: Any, readers: Sequence[Any]) -> Any:
    """Return the batch normalisation that alone reads what `operation` answers, or None."""
    if not isinstance(operation, _FOLDING) or operation.activation not in (None, keras.activations.linear):
        return None
    is_alone = len(readers) == 1 and isinstance(readers[0], _L.BatchNormalization)
    return readers[0] if is_alone and readers[0].axis in (-1, len(readers[0].output.shape) - 1) else None


def _writer(operation: Any) -> Write:
    for kind in type(operation).__mro__:
        if kind in WRITERS:
            return WRITERS[kind]
    known = sorted({kind.__name__ for kind in WRITERS})
    raise InvalidSpec(
        f"This network cannot be written as a model file: the layer `{operation.name}` is a "
        f"{type(operation).__name__}. Expected one of {', '.join(known)}.",
        remedy="Build the network of those layers.",
    )


def _node(operation: Any, model: Any) -> Any:
    """Return the one call of `operation` in `model`."""
    inside = {id(node) for level in model._nodes_by_depth.values() for node in level}
    calls = [node for node in operation._inbound_nodes if id(node) in inside]
    if len(calls) != 1 or len(calls[0].output_tensors) != 1:
        raise InvalidSpec(
            f"This network cannot be written as a model file: the layer `{operation.name}` is called "
            f"{len(calls)} times or answers several tensors. Expected one call and one tensor.",
            remedy="Build the network of layers that are called once.",
        )
    return calls[0]


def _readers(model: Any) -> dict[int, list[Any]]:
    """Return what reads each tensor; None stands for who reads the model's answer."""
    found: dict[int, list[Any]] = {id(model.outputs[0]): [None]}
    for operation in _operations(model):
        for tensor in _node(operation, model).input_tensors:
            found.setdefault(id(tensor), []).append(operation)
    return found


def _call(operation: Any, node: Any, names: Mapping[int, str]) -> Call:
    given = keras.tree.flatten(list(node.arguments.args))
    tensors = [isinstance(value, keras.KerasTensor) for value in given]
    return Call(
        operation=operation,
        values=[
            names[id(value)] if is_tensor else value for value, is_tensor in zip(given, tensors, strict=True)
        ],
        shapes=[
            tuple(value.shape[1:]) if is_tensor else ()
            for value, is_tensor in zip(given, tensors, strict=True)
        ],
        shape=tuple(node.output_tensors[0].shape[1:]),
        keywords=dict(node.arguments.kwargs),
    )
