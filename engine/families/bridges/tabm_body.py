"""Several networks in one as ONNX nodes: bins and look-ups, shared layers, one head per member, their mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.families.base import Floats
from engine.families.bridges.network_body import add_embeddings
from engine.families.bridges.number_bins import NumberBins
from engine.transforms.graph import Graph


@dataclass(frozen=True)
class Layer:
    """A layer: kernel (in, width) for all members; of each member what scales inputs and outputs, and its bias.

    inward: (in, members) in the first layer, (members, in) in later ones.   outward, bias: (members, width).
    """

    inward: Any
    kernel: Any
    outward: Any
    bias: Any


@dataclass(frozen=True, kw_only=True)
class TabmWeights:
    """A trained network.   columns: width F of its input.   cardinalities: of the columns that hold an index.

    table: (sum of cardinalities, D).   slope, start: (numbers, 1, D) and rise: (numbers, bins, D): of binned numbers.
    head: (members, width, K).   end: (members, 1, K).   bounds: of a value; None for classes.
    """

    columns: int
    cardinalities: Mapping[int, int]
    bins: NumberBins
    table: Floats
    slope: Floats
    start: Floats
    rise: Floats
    layers: tuple[Layer, ...]
    head: Floats
    end: Floats
    bounds: tuple[float, float] | None


def add_tabm(graph: Graph, features: str, weights: TabmWeights) -> str:
    """Add the network over `features` float [N, F]: probabilities float [N, K], or a value float [N, 1]."""
    hidden = _add_inputs(graph, features, weights)
    members, width, _ = weights.head.shape
    for depth, layer in enumerate(weights.layers):
        if depth == 0:
            own = layer.inward[:, :, None] * layer.kernel[:, None, :] * layer.outward
            kernel = graph.constant(own.reshape(len(own), -1), np.float32)
            hidden = graph.node("Gemm", hidden, kernel, graph.constant(layer.bias.ravel(), np.float32))
            hidden = graph.node("Reshape", hidden, graph.constant([-1, members, width], np.int64))
        else:
            hidden = graph.node("Mul", hidden, graph.constant(layer.inward, np.float32))
            hidden = graph.node("MatMul", hidden, graph.constant(layer.kernel, np.float32))
            hidden = graph.node("Mul", hidden, graph.constant(layer.outward, np.float32))
            hidden = graph.node("Add", hidden, graph.constant(layer.bias, np.float32))
        hidden = graph.node("Relu", hidden)
    apart = graph.node("Transpose", hidden, perm=[1, 0, 2])
    answers = graph.node("MatMul", apart, graph.constant(weights.head, np.float32))
    answers = graph.node("Add", answers, graph.constant(weights.end, np.float32))
    first = graph.constant([0], np.int64)
    if weights.bounds is None:
        return graph.node("ReduceMean", graph.node("Softmax", answers, axis=2), first, keepdims=0)
    mean = graph.node("ReduceMean", answers, first, keepdims=0)
    low, high = (graph.constant(bound, np.float32) for bound in weights.bounds)
    return graph.node("Clip", mean, low, high)


def _add_inputs(graph: Graph, features: str, weights: TabmWeights) -> str:
    binned = weights.bins.columns
    plain = [i for i in range(weights.columns) if i not in weights.cardinalities and i not in binned]
    parts = []
    if plain:
        parts.append(graph.node("Gather", features, graph.constant(plain, np.int64), axis=1))
    if binned:
        parts.append(_add_numbers(graph, features, weights))
    if weights.cardinalities:
        parts.append(add_embeddings(graph, features, weights.cardinalities, weights.table))
    return graph.node("Concat", *parts, axis=1) if len(parts) > 1 else parts[0]


def _add_numbers(graph: Graph, features: str, weights: TabmWeights) -> str:
    bins = weights.bins
    zero, one, three = (graph.constant(value, np.float32) for value in (0.0, 1.0, 3.0))
    chosen = graph.node("Gather", features, graph.constant(list(bins.columns), np.int64), axis=1)
    value = graph.node(
        "Unsqueeze", graph.node("Transpose", chosen, perm=[1, 0]), graph.constant([2], np.int64)
    )
    above = graph.node("Sub", value, graph.constant(bins.low[:, None, :], np.float32))
    filled = graph.node("Mul", above, graph.constant(bins.factor[:, None, :], np.float32))
    filled = graph.node("Clip", filled, zero, one)
    third = graph.node("Div", value, three)
    root = graph.node("Sqrt", graph.node("Add", graph.node("Mul", third, third), one))
    bent = graph.node("Mul", graph.node("Div", value, root), graph.constant(weights.slope, np.float32))
    embedded = graph.node("MatMul", filled, graph.constant(weights.rise, np.float32))
    embedded = graph.node("Add", graph.node("Add", embedded, bent), graph.constant(weights.start, np.float32))
    apart = graph.node("Transpose", embedded, perm=[1, 0, 2])
    size = weights.slope.shape[2]
    return graph.node("Reshape", apart, graph.constant([-1, len(bins.columns) * size], np.int64))
