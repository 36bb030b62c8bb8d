"""What each Keras layer is in ONNX nodes.

Source of what a layer computes: the Keras 3 documentation of it; of what a node computes: ONNX operator set 21.
"""

from __future__ import annotations

import math
from typing import Any

import keras
import numpy as np

from engine.families.bridges.activation_nodes import activate
from engine.families.bridges.layer_calls import (
    TO_FIRST,
    TO_LAST,
    Call,
    Doubles,
    Write,
    place_of,
    unknown,
    weight,
)
from engine.transforms.graph import Graph


def _scale_and_shift(norm: Any) -> tuple[Doubles, Doubles]:
    """Return what a batch normalisation multiplies by and adds, per channel, once training is over."""
    mean, variance = weight(norm.moving_mean), weight(norm.moving_variance)
    scale = 1.0 / np.sqrt(variance + norm.epsilon)
    if norm.scale:
        scale *= weight(norm.gamma)
    shift = -mean * scale
    return scale, shift + weight(norm.beta) if norm.center else shift


def _folded(call: Call, kernel: Doubles, bias: Doubles) -> tuple[Doubles, Doubles]:
    """Return kernel (…, out) and bias (out,) with the batch normalisation behind them in them."""
    if call.norm is None:
        return kernel, bias
    scale, shift = _scale_and_shift(call.norm)
    return kernel * scale, bias * scale + shift


def _bias(layer: Any, width: int) -> Doubles:
    return weight(layer.bias) if layer.use_bias else np.zeros(width)


def _pads(layer: Any, kernel: tuple[int, ...], call: Call) -> list[int]:
    """Return zeros to add before and after height and width: "same" puts the odd one behind."""
    if layer.padding == "valid":
        return [0, 0, 0, 0]
    if layer.padding != "same" or layer.data_format != "channels_last":
        raise unknown(layer, "the padding")
    dilation = getattr(layer, "dilation_rate", (1, 1))
    before, after = [], []
    for size, span, stride, apart in zip(call.shapes[0][:2], kernel, layer.strides, dilation, strict=True):
        steps = -(-size // stride)
        total = max(0, (steps - 1) * stride + (span - 1) * apart + 1 - size)
        before.append(total // 2)
        after.append(total - total // 2)
    return [*before, *after]


def _convolve(graph: Graph, x: str, call: Call, kernel: Doubles, bias: Doubles, groups: int) -> str:
    """Add a convolution.   kernel: (height, width, in / groups, out)."""
    layer = call.operation
    return graph.node(
        "Conv",
        x,
        graph.constant(kernel.transpose(3, 2, 0, 1), np.float32),
        graph.constant(bias, np.float32),
        pads=_pads(layer, kernel.shape[:2], call),
        strides=list(layer.strides),
        dilations=list(layer.dilation_rate),
        group=groups,
    )


def convolution(graph: Graph, call: Call) -> str:
    """Conv2D, grouped or not."""
    layer = call.operation
    kernel = weight(layer.kernel)
    kernel, bias = _folded(call, kernel, _bias(layer, kernel.shape[3]))
    answer = _convolve(graph, call.values[0], call, kernel, bias, layer.groups)
    return activate(graph, answer, layer.activation, call)


def _depthwise_kernel(kernel: Doubles) -> Doubles:
    """Return (height, width, in, multiplier) as (height, width, 1, in · multiplier), a group for each channel."""
    return kernel.reshape(*kernel.shape[:2], 1, -1)


def depthwise(graph: Graph, call: Call) -> str:
    """DepthwiseConv2D."""
    layer = call.operation
    kernel = _depthwise_kernel(weight(layer.kernel))
    kernel, bias = _folded(call, kernel, _bias(layer, kernel.shape[3]))
    answer = _convolve(graph, call.values[0], call, kernel, bias, call.shapes[0][2])
    return activate(graph, answer, layer.activation, call)


def separable(graph: Graph, call: Call) -> str:
    """SeparableConv2D: depthwise, then pointwise."""
    layer = call.operation
    depth = _depthwise_kernel(weight(layer.depthwise_kernel))
    channels = depth.shape[3]
    inner = _convolve(graph, call.values[0], call, depth, np.zeros(channels), call.shapes[0][2])
    point = weight(layer.pointwise_kernel)
    point, bias = _folded(call, point, _bias(layer, point.shape[3]))
    answer = graph.node(
        "Conv",
        inner,
        graph.constant(point.transpose(3, 2, 0, 1), np.float32),
        graph.constant(bias, np.float32),
    )
    return activate(graph, answer, layer.activation, call)


def dense(graph: Graph, call: Call) -> str:
    """Dense over the last axis; over channels of a picture it is a convolution with one point."""
    layer, x = call.operation, call.values[0]
    kernel = weight(layer.kernel)
    kernel, bias = _folded(call, kernel, _bias(layer, kernel.shape[1]))
    weights, added = graph.constant(kernel, np.float32), graph.constant(bias, np.float32)
    if len(call.shape) == 1:
        answer = graph.node("Gemm", x, weights, added)
    elif len(call.shape) == 3:
        point = graph.constant(kernel.T[:, :, None, None], np.float32)
        answer = graph.node("Conv", x, point, added)
    else:
        answer = graph.node("Add", graph.node("MatMul", x, weights), added)
    return activate(graph, answer, layer.activation, call)


def batch_norm(graph: Graph, call: Call) -> str:
    """BatchNormalization that nothing before it takes in."""
    layer = call.operation
    if layer.axis not in (-1, len(call.shape)):
        raise unknown(layer, "the axis")
    return _affine(graph, call, *_scale_and_shift(layer))


def _affine(graph: Graph, call: Call, scale: Any, shift: Any) -> str:
    """Multiply by `scale` and add `shift`, numbers or one per channel."""
    x = call.values[0]
    for op, value, idle in (("Mul", scale, 1.0), ("Add", shift, 0.0)):
        if not np.all(np.asarray(value) == idle):
            x = graph.node(op, x, graph.constant(_per_channel(value, call.shape), np.float32))
    return x


def _per_channel(value: Any, shape: tuple[int, ...]) -> Doubles:
    """Return a number, or one per channel, as it multiplies a tensor of `shape`."""
    array = np.asarray(value, np.float64).squeeze()
    return array[:, None, None] if array.ndim == 1 and len(shape) == 3 else array


def rescaling(graph: Graph, call: Call) -> str:
    """Rescaling, by one number or one per channel."""
    return _affine(graph, call, call.operation.scale, call.operation.offset)


def normalization(graph: Graph, call: Call) -> str:
    """Normalization by a known mean and variance."""
    layer = call.operation
    deviation = np.maximum(np.sqrt(weight(layer.variance)), keras.backend.epsilon())
    mean = weight(layer.mean)
    return _affine(graph, call, 1.0 / deviation, -mean / deviation)


def layer_norm(graph: Graph, call: Call) -> str:
    """LayerNormalization over the last axis; over channels of a picture written out."""
    layer, x = call.operation, call.values[0]
    axes = layer.axis if isinstance(layer.axis, list | tuple) else [layer.axis]
    if list(axes) not in ([-1], [len(call.shape)]):
        raise unknown(layer, "the axis")
    width = call.shape[-1]
    scale = weight(layer.gamma) if layer.scale else np.ones(width)
    shift = weight(layer.beta) if layer.center else np.zeros(width)
    if len(call.shape) != 3:
        gamma, beta = graph.constant(scale, np.float32), graph.constant(shift, np.float32)
        return graph.node("LayerNormalization", x, gamma, beta, axis=-1, epsilon=layer.epsilon)
    axis = graph.constant([1], np.int64)
    centred = graph.node("Sub", x, graph.node("ReduceMean", x, axis, keepdims=1))
    square = graph.node("ReduceMean", graph.node("Mul", centred, centred), axis, keepdims=1)
    spread = graph.node("Sqrt", graph.node("Add", square, graph.constant(layer.epsilon, np.float32)))
    level = graph.node("Div", centred, spread)
    scaled = graph.node("Mul", level, graph.constant(scale[:, None, None], np.float32))
    return graph.node("Add", scaled, graph.constant(shift[:, None, None], np.float32))


def pooling(op: str) -> Write:
    """MaxPooling2D and AveragePooling2D; added borders count for neither."""

    def write(graph: Graph, call: Call) -> str:
        layer = call.operation
        return graph.node(
            op,
            call.values[0],
            kernel_shape=list(layer.pool_size),
            strides=list(layer.strides),
            pads=_pads(layer, layer.pool_size, call),
        )

    return write


def global_pooling(op: str) -> Write:
    """GlobalAveragePooling2D and GlobalMaxPooling2D."""

    def write(graph: Graph, call: Call) -> str:
        pooled = graph.node(op, call.values[0])
        return pooled if call.operation.keepdims else graph.node("Flatten", pooled, axis=1)

    return write


def sequence_mean(graph: Graph, call: Call) -> str:
    """GlobalAveragePooling1D."""
    keep = int(call.operation.keepdims)
    return graph.node("ReduceMean", call.values[0], graph.constant([1], np.int64), keepdims=keep)


def joined(op: str) -> Write:
    """Add, Multiply, Subtract of two tensors or more, or of one and a number."""

    def write(graph: Graph, call: Call) -> str:
        if len({len(shape) for shape in call.shapes if shape}) > 1:
            raise unknown(call.operation, "joining tensors of different rank")
        names = [
            value if isinstance(value, str) else graph.constant(_per_channel(value, call.shape), np.float32)
            for value in call.values
        ]
        answer = names[0]
        for name in names[1:]:
            answer = graph.node(op, answer, name)
        return answer

    return write


def concatenation(graph: Graph, call: Call) -> str:
    """Concatenate, along any axis."""
    return graph.node("Concat", *call.values, axis=place_of(call.operation.axis, len(call.shape)))


def zero_padding(graph: Graph, call: Call) -> str:
    """ZeroPadding2D."""
    (top, bottom), (left, right) = call.operation.padding
    pads = graph.constant([0, 0, top, left, 0, 0, bottom, right], np.int64)
    return graph.node("Pad", call.values[0], pads)


def enlarging(graph: Graph, call: Call) -> str:
    """UpSampling2D, by repeating points or along straight lines between them."""
    layer = call.operation
    if layer.interpolation not in ("nearest", "bilinear"):
        raise unknown(layer, f"the interpolation {layer.interpolation!r}")
    is_nearest = layer.interpolation == "nearest"
    return graph.node(
        "Resize",
        call.values[0],
        "",
        graph.constant([1.0, 1.0, *layer.size], np.float32),
        mode="nearest" if is_nearest else "linear",
        coordinate_transformation_mode="asymmetric" if is_nearest else "half_pixel",
        nearest_mode="floor",
    )


def channel_scale(graph: Graph, call: Call) -> str:
    """ConvNeXt's LayerScale: a number per channel, learned."""
    return _affine(graph, call, weight(call.operation.gamma), 0.0)


def reshape(graph: Graph, call: Call) -> str:
    """Reshape and Flatten, in Keras' order of values."""
    x = call.values[0]
    if len(call.shapes[0]) == 3:
        x = graph.node("Transpose", x, perm=TO_LAST)
    x = graph.node("Reshape", x, graph.constant([-1, *call.shape], np.int64))
    return graph.node("Transpose", x, perm=TO_FIRST) if len(call.shape) == 3 else x


def attention(graph: Graph, call: Call) -> str:
    """MultiHeadAttention of a sequence (rows, steps, width) to itself or another, without a mask.

    Source: Vaswani et al., Attention Is All You Need (2017), section 3.2.
    """
    layer = call.operation
    if len(call.shapes[0]) != 2 or (set(call.keywords) - {"training"} and any(call.keywords.values())):
        raise unknown(layer, "the mask or the shape")
    query, value = call.values[0], call.values[1]
    key = call.values[2] if len(call.values) > 2 else value
    sides = [
        _heads(graph, side, projection, perm)
        for side, projection, perm in (
            (query, layer.query_dense, [0, 2, 1, 3]),
            (key, layer.key_dense, [0, 2, 3, 1]),
            (value, layer.value_dense, [0, 2, 1, 3]),
        )
    ]
    width = weight(layer.query_dense.kernel).shape[2]
    scores = graph.node("MatMul", sides[0], sides[1])
    scores = graph.node("Mul", scores, graph.constant(1.0 / math.sqrt(width), np.float32))
    mixed = graph.node("MatMul", graph.node("Softmax", scores, axis=-1), sides[2])
    kernel = weight(layer.output_dense.kernel)
    flat = graph.node("Transpose", mixed, perm=[0, 2, 1, 3])
    flat = graph.node("Reshape", flat, graph.constant([0, 0, kernel.shape[0] * kernel.shape[1]], np.int64))
    out = graph.constant(kernel.reshape(-1, kernel.shape[2]), np.float32)
    answer = graph.node("MatMul", flat, out)
    if layer.output_dense.bias is None:
        return answer
    return graph.node("Add", answer, graph.constant(weight(layer.output_dense.bias), np.float32))


def _heads(graph: Graph, x: str, projection: Any, perm: list[int]) -> str:
    """Project (rows, steps, width) for each head and lay it out by `perm`."""
    kernel = weight(projection.kernel)
    projected = graph.node("MatMul", x, graph.constant(kernel.reshape(kernel.shape[0], -1), np.float32))
    if projection.bias is not None:
        projected = graph.node("Add", projected, graph.constant(weight(projection.bias).ravel(), np.float32))
    shape = graph.constant([0, 0, *kernel.shape[1:]], np.int64)
    return graph.node("Transpose", graph.node("Reshape", projected, shape), perm=perm)


def passed(graph: Graph, call: Call) -> str:
    """A layer that does nothing once training is over."""
    return str(call.values[0])
