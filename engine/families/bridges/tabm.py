"""Several networks in one, trained and exported: sizes by shape and time, the shared training loop, an ONNX body."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from engine.families.base import Budget, FeatureRows, Floats, Progress, TrainingData
from engine.families.bridges.network_steps import Recipe
from engine.families.bridges.network_training import Training, use_threads
from engine.families.bridges.number_bins import fit_bins
from engine.families.bridges.tabm_body import add_tabm
from engine.families.bridges.tabm_network import Plan, TabmNetwork
from engine.families.fitted import Doubles, FittedModel, constant_model
from engine.families.sampling import row_limit, training_arrays
from engine.families.targets import Target, read_target
from engine.transforms.graph import Graph

_TARGET_ROWS = 1_000_000
#: Rows and cells that quantiles are read from.
_BIN_ROWS, _BIN_CELLS = 100_000, 10_000_000
#: Most numbers that enter the first layer because of embeddings; with more columns each becomes fewer.
_MOST_INPUTS = 768
_LEAST_EMBEDDING = 2


def fit_tabm(
    params: Mapping[str, Any], data: TrainingData, budget: Budget, progress: Progress
) -> FittedModel:
    """Train until validation rows stop improving or the time is over; keep the best weights.

    Raises: WorkFailed when TensorFlow cannot train it.
    """
    use_threads(data.threads)
    _, y = training_arrays(data, _TARGET_ROWS)
    target = read_target(y, data.task, data.outputs, standardise=True)
    if target.classes == 1:
        features = len(data.train.columns)
        return constant_model(target.decode(np.ones((1, 1)))[0], rows=len(y), features=features)
    encoded = target.encode(y)
    bounds = None if target.classes else (float(encoded.min()), float(encoded.max()))
    network = TabmNetwork(plan(params, data.train, target.width, bounds), data.seed)
    training = Training(
        network=network.network(),
        recipe=recipe(params, data.train.rows),
        data=data,
        target=target,
        budget=budget,
        progress=progress,
    )
    training.run()
    return _fitted(network, target, data, training)


def plan(
    params: Mapping[str, Any], rows: FeatureRows, outputs: int, bounds: tuple[float, float] | None
) -> Plan:
    """Return what the network is made of for the columns of `rows`.   bounds: of a value; None for classes."""
    width = len(rows.columns)
    numbers = [i for i in range(width) if i not in rows.cardinalities]
    sample, _ = rows.arrays(row_limit(width, _BIN_ROWS, _BIN_CELLS))
    bins = fit_bins(sample, numbers, params["bins"])
    embedding = min(params["embedding"], _MOST_INPUTS // max(1, len(bins.columns) + len(rows.cardinalities)))
    if embedding < _LEAST_EMBEDDING:
        bins, embedding = fit_bins(sample, [], 1), max(1, embedding)
    return Plan(
        columns=width,
        cardinalities=dict(rows.cardinalities),
        bins=bins,
        members=params["members"],
        layers=params["layers"],
        width=params["width"],
        embedding=embedding,
        outputs=outputs,
        bounds=bounds,
        dropout=params["dropout"],
        smoothing=params["smoothing"],
        mixup=params["mixup"],
        batch=_batch(params, rows.rows),
    )


def recipe(params: Mapping[str, Any], rows: int) -> Recipe:
    """Return how a network of `params` is trained on `rows` rows: few rows get small batches."""
    return Recipe(
        batch=_batch(params, rows),
        passes=params["passes"],
        patience=params["patience"],
        learning_rate=params["learning_rate"],
        schedule=params["schedule"],
        clip_norm=params["clip_norm"],
        weight_decay=params["weight_decay"],
        beta_2=params["beta_2"],
    )


def _batch(params: Mapping[str, Any], rows: int) -> int:
    return min(params["batch_size"], rows, max(32, 2 ** int(math.log2(max(1, rows // 30)))))


def _fitted(network: TabmNetwork, target: Target, data: TrainingData, training: Training) -> FittedModel:
    weights = network.weights()

    def native(x: Floats) -> Doubles:
        return target.decode(training.steps.answer(x))

    def nodes(graph: Graph, x: str) -> str:
        return target.decode_nodes(graph, add_tabm(graph, x, weights))

    return FittedModel(
        native=native,
        nodes=nodes,
        rows=data.train.rows,
        features=len(data.train.columns),
        outputs=target.outputs,
        stopped=training.stopped,
        curve=tuple(training.curve),
        notes={
            "passes": training.best_turn,
            "weights": sum(int(np.prod(one.shape)) for one in training.network.kept),
        },
    )
