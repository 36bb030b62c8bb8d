"""scikit-learn's neighbour search behind weighted nearest neighbours.

Plain k-nearest neighbours jump when two rows are equally far: which of them counts is chance, and differs
between libraries. Here the weight of a neighbour falls to 0 at the distance of the first row left out, so the
answer is continuous and ties cannot matter.
Source: Hechenbichler and Schliep, Weighted k-Nearest-Neighbor Techniques and Ordinal Classification, 2004
(distances divided by that of neighbour k + 1; Epanechnikov kernel).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import onnx
from sklearn.neighbors import NearestNeighbors

from engine.families.base import Budget, Floats, Progress, TrainingData
from engine.families.fitted import Doubles, FittedModel, constant_model
from engine.families.sampling import log_loss, squared_loss, validation_arrays
from engine.families.targets import class_shares, read_target
from engine.transforms.graph import MICROSOFT_DOMAIN, Graph

#: Weight of the overall shares or mean beside the neighbours': it answers where all are equally far.
_PRIOR = 0.05
_NEAREST = 1e-9
#: How many neighbours are tried where a person left it open, on so many validation rows; and how many where none judge.
_COUNTS, _MOST_ASKED, _USUAL = (2, 4, 8, 15, 30, 60), 5_000, 15


def fit_neighbours(
    params: Mapping[str, Any], data: TrainingData, budget: Budget, progress: Progress
) -> FittedModel:
    """Keep the distinct training rows with their mean answers and counts.   neighbours: 0 finds how many count."""
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
    search = NearestNeighbors(algorithm="brute", n_jobs=data.threads).fit(points.astype(np.float64))

    def answer(asked: Floats, counts: Sequence[int]) -> Iterator[Doubles]:
        distances, near = search.kneighbors(asked.astype(np.float64), max(counts) + 1)
        for count in counts:
            reach = np.maximum(np.square(distances[:, count, None]), _NEAREST)
            inner = near[:, :count]
            kernel = np.maximum(1.0 - np.square(distances[:, :count]) / reach, 0.0) * weight[inner]
            total = (kernel[:, :, None] * means[inner]).sum(axis=1) + _PRIOR * prior
            yield total / (kernel.sum(axis=1, keepdims=True) + _PRIOR)

    count = min(params["neighbours"] or _USUAL, len(points) - 1)
    if not params["neighbours"] and data.valid.rows:
        asked, truth = validation_arrays(data, _MOST_ASKED)
        tried = [one for one in _COUNTS if one < len(points)] or [count]
        loss = log_loss if target.classes else squared_loss
        losses = [loss(truth, given) for given in answer(asked, tried)]
        count = tried[int(np.argmin(losses))]
    progress(1.0, float("nan"), float("nan"))

    def native(asked: Floats) -> Doubles:
        return next(answer(asked, [count]))

    def nodes(graph: Graph, features: str) -> str:
        return _add_search(graph, features, points, np.column_stack((weight, means)), prior, count)

    return FittedModel(
        native=native,
        nodes=nodes,
        rows=len(x),
        features=x.shape[1],
        outputs=data.outputs,
        notes={"points": len(points), "neighbours": count},
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
