"""A neural network for tables by Keras: embeddings for categories, dense layers for everything."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from engine.families import network_params
from engine.families.base import Budget, DataShape, Family, Fitted, Progress, Proposal, TrainingData
from engine.specs.params import Param

#: Seconds that importing TensorFlow and tracing the first step take on one core.
_START_S = 8.0
_MOST_FEATURES = 20_000
#: Training rows below which its steps are larger, of classes and of values.
_FEW_STEPS_ROWS, _FEW_VALUES_ROWS = 2_000, 10_000


def build(params: Mapping[str, Any], data: TrainingData, budget: Budget, progress: Progress) -> Fitted:
    """Train by batches streamed out of Parquet."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    from engine.families.bridges.network import fit_network

    return fit_network(params, data, budget, progress)


def refuses(shape: DataShape, params: Mapping[str, Any]) -> str | None:
    """Refuse so many features that the first layer alone would be too large to publish."""
    if shape.features <= _MOST_FEATURES:
        return None
    return f"A neural network takes at most {_MOST_FEATURES:,} features; this data has {shape.features:,}."


def proposes(shape: DataShape) -> tuple[Proposal, ...]:
    """Propose one network whose size suits the number of rows."""
    if shape.rows < 500:
        return ()
    width = 128 if shape.rows < 100_000 else 256
    size: dict[str, Any] = {"width": width, "batch_size": 256 if shape.rows < 50_000 else 1024}
    if shape.rows < _FEW_STEPS_ROWS or (shape.task == "regression" and shape.rows < _FEW_VALUES_ROWS):
        # A pass has few steps, so each must be large: on eight sets of 400 to 5,000 rows the loss fell by a quarter.
        size |= {"width": 200, "learning_rate": 0.01}
    return (
        Proposal(
            # Of few rows a training takes a second: once its library is loaded, nothing is quicker for what it finds.
            # Each class more costs boosting a tree a round, and a network next to nothing.
            order=18 if shape.outputs >= network_params.MANY_CLASSES else 60 if shape.rows >= 5_000 else 24,
            params=size,
            reason="Smooth functions and categories as vectors: errs differently from trees.",
            needs_s=_START_S + shape.rows * shape.features / 1_500_000,
            start_s=_START_S,
        ),
    )


FAMILY = Family(
    name="mlp",
    title="Neural network",
    summary="Dense layers over numbers and embedded categories.",
    tasks=("binary", "multiclass", "regression"),
    view="deep",
    steps="passes",
    build=build,
    refuses=refuses,
    proposes=proposes,
    finds=("passes",),
    params=(
        Param(name="layers", kind="int", default=2, low=1, high=8, unit="layers", help="Hidden layers."),
        Param(
            name="width",
            kind="int",
            default=128,
            low=4,
            high=2048,
            log=True,
            unit="units",
            help="Neurons per hidden layer.",
        ),
        Param(
            name="embedding",
            kind="int",
            default=8,
            low=1,
            high=64,
            log=True,
            unit="numbers",
            help="Length of the vector each category becomes.",
        ),
        Param(
            name="dropout",
            kind="float",
            default=0.1,
            low=0.0,
            high=0.8,
            help="Share of neurons silenced at random while training.",
        ),
        Param(
            name="batch_norm",
            kind="bool",
            default=True,
            help="Normalise each layer's input over the batch: faster, steadier training.",
        ),
        Param(
            name="l1", kind="float", default=0.0, low=0.0, high=1.0, log=True, help="L1 penalty on weights."
        ),
        Param(
            name="l2",
            kind="float",
            default=0.0,
            low=0.0,
            high=1.0,
            log=True,
            help="L2 penalty on weights; with L1 an elastic net.",
        ),
        Param(
            name="clip_norm",
            kind="float",
            default=1.0,
            low=0.0,
            high=100.0,
            help="Longest gradient per weight matrix; longer ones are cut. 0 cuts none.",
            searched=False,
        ),
        Param(
            name="learning_rate",
            kind="float",
            default=0.002,
            low=1e-5,
            high=0.1,
            log=True,
            help="Size of a step at its largest.",
        ),
        network_params.SCHEDULE,
        network_params.BATCH_SIZE,
        network_params.PASSES,
        Param(
            name="patience",
            kind="int",
            default=10,
            low=1,
            high=1000,
            unit="passes",
            help="Passes without improvement on validation rows before it stops.",
            searched=False,
        ),
    ),
)
