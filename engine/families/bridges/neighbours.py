"""scikit-learn's neighbour search behind weighted nearest neighbours.

Plain k-nearest neighbours jump when two rows are equally far: which of them counts is chance, and differs
between libraries. Here the weight of a neighbour falls to 0 at the distance of the first row left out, so the
answer is continuous and ties cannot matter.
Source: Hechenbichler and Schliep, Weighted k-Nearest-Neighbor Techniques and Ordinal Classification, 2004
(distances divided by that of neighbour k + 1; Epanechnikov kernel).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx
from sklearn.neighbors import NearestNeighbors

from engine.families.base import Budget, Floats, Progress, TrainingData
from engine.families.fitted import Doubles, FittedModel, constant_model
from engine.families.targets import class_shares, read_target
from engine.transforms.graph import MICROSOFT_DOMAIN, Graph

#: Weight of the overall shares or mean beside the neighbours': it answers where all are equally far.
_PRIOR = 0.05
_NEAREST = 1e-9


def fit_neighbours(
    params: Mapping[str, Any], data: TrainingData, budget: Budget, progress: Progress
) -> FittedModel:
    """Keep the distinct training rows with their mean answers and counts."""
    x, y = data.train.arrays()
    target = read_target(y, data.task, data.outputs)
    points, place, counts = np.unique(x, axis=0, return_inverse=True, return_counts=True)
    if len(points) < 2:
        prior = class_shares(y, data.outputs) if target.classes else np.array([y.mean()])
        return constant_model(prior, rows=len(x), features=x.shape[1])
    answers = np.eye(data.outputs)[y.astype(np.int64)] if target.classes else y[:, None]
    means = np.zeros((len(points), data.outputs))
    np.add.at(means, place.ravel(), answers)
    means /= counts[:, None]
    prior = answers.mean(axis=0)
    weight = counts.astype(np.float64)
    count = min(params["neighbours"], len(points) - 1)
    search = NearestNeighbors(n_neighbors=count + 1, algorithm="brute", n_jobs=data.threads)
    search.fit(points.astype(np.float64))
    progress(1.0, float("nan"), float("nan"))

    def native(asked: Floats) -> Doubles:
        distances, near = search.kneighbors(asked.astype(np.float64))
        reach = np.maximum(np.square(distances[:, -1:]), _NEAREST)
        kernel = np.maximum(1.0 - np.square(distances[:, :-1]) / reach, 0.0) * weight[near[:, :-1]]
        total = (kernel[:, :, None] * means[near[:, :-1]]).sum(axis=1) + _PRIOR * prior
        return total / (kernel.sum(axis=1, keepdims=True) + _PRIOR)

    def nodes(graph: Graph, features: str) -> str:
        return _add_search(graph, features, points, np.column_stack((weight, means)), prior, count)

    return FittedModel(
        native=native,
        nodes=nodes,
        rows=len(x),
        features=x.shape[1],
        outputs=data.outputs,
        notes={"points": len(points)},
    )


def _add_search(
    graph: Graph, features: str, points: Floats, facts: Doubles, prior: Doubles, count: int
) -> str:
    """facts: (points, 1 + outputs), the weight and mean answer of each.   count: neighbours that count."""
    double = onnx.TensorProto.DOUBLE
    asked = graph.node("Cast", features, to=double)
    known = graph.node("Cast", graph.constant(points, np.float32), to=double)
    squares = graph.node("CDist", asked, known, domain=MICROSOFT_DOMAIN, metric="sqeuclidean")
    near, index = graph.node_many(
        "TopK", squares, graph.constant([count + 1], np.int64), outputs=2, axis=1, largest=0, sorted=1
    )
    ends = [graph.constant([n], np.int64) for n in (0, count, 1)]
    inner = graph.node("Slice", near, *ends)
    last = graph.node("Slice", near, ends[1], graph.constant([count + 1], np.int64), ends[2])
    reach = graph.node("Max", last, graph.constant(_NEAREST, np.float64))
    shares = graph.node("Sub", graph.constant(1.0, np.float64), graph.node("Div", inner, reach))
    kernel = graph.node("Max", shares, graph.constant(0.0, np.float64))
    found = graph.node("Gather", graph.constant(facts, np.float64), graph.node("Slice", index, *ends), axis=0)
    weights, means = graph.node_many(
        "Split", found, graph.constant([1, len(prior)], np.int64), outputs=2, axis=2
    )
    axis = graph.constant([2], np.int64)
    weighted = graph.node("Mul", graph.node("Unsqueeze", kernel, axis), weights)
    over = graph.constant([1], np.int64)
    total = graph.node("ReduceSum", graph.node("Mul", weighted, means), over, keepdims=0)
    mass = graph.node("ReduceSum", weighted, over, keepdims=0)
    total = graph.node("Add", total, graph.constant(_PRIOR * prior[None, :], np.float64))
    mass = graph.node("Add", mass, graph.constant(_PRIOR, np.float64))
    return graph.node("Cast", graph.node("Div", total, mass), to=onnx.TensorProto.FLOAT)
