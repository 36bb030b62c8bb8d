"""The network's weights as ONNX nodes: look-ups, dense layers and rectifiers, nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import onnx

from engine.families.base import Floats
from engine.families.fitted import Doubles
from engine.transforms.graph import Graph


@dataclass(frozen=True, kw_only=True)
class NetworkWeights:
    """A trained network.   columns: width F of its input.   cardinalities: of the columns that hold an index.

    table: (sum of cardinalities, D), the embeddings of all index columns below each other, in column order.
    layers: (kernel, bias) from first to last; a rectifier stands between two.
    """

    columns: int
    cardinalities: Mapping[int, int]
    table: Doubles | None
    layers: tuple[tuple[Doubles, Doubles], ...]


def add_network(graph: Graph, features: str, weights: NetworkWeights) -> str:
    """Add the network over `features` float [N, F] and return its answer float [N, K]."""
    numbers = [i for i in range(weights.columns) if i not in weights.cardinalities]
    parts = []
    if numbers:
        parts.append(graph.node("Gather", features, graph.constant(numbers, np.int64), axis=1))
    if weights.table is not None:
        parts.append(add_embeddings(graph, features, weights.cardinalities, weights.table))
    hidden = graph.node("Concat", *parts, axis=1) if len(parts) > 1 else parts[0]
    for position, (kernel, bias) in enumerate(weights.layers):
        if position:
            hidden = graph.node("Relu", hidden)
        hidden = graph.node(
            "Gemm", hidden, graph.constant(kernel, np.float32), graph.constant(bias, np.float32)
        )
    return hidden


def add_embeddings(
    graph: Graph, features: str, cardinalities: Mapping[int, int], table: Doubles | Floats
) -> str:
    """Add the look-ups of index columns.   table: (sum of cardinalities, D), in column order."""
    columns = sorted(cardinalities)
    sizes = np.array([cardinalities[column] for column in columns], np.int64)
    offsets = np.concatenate(([0], np.cumsum(sizes)[:-1]))
    chosen = graph.node("Gather", features, graph.constant(columns, np.int64), axis=1)
    index = graph.node("Cast", chosen, to=onnx.TensorProto.INT64)
    rows = graph.node("Add", index, graph.constant(offsets, np.int64))
    found = graph.node("Gather", graph.constant(table, np.float32), rows, axis=0)
    return graph.node("Reshape", found, graph.constant([-1, len(columns) * table.shape[1]], np.int64))
