"""A modern deep network for tables: an ensemble whose members share their weights (TabM)."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from engine.families import network_params
from engine.families.base import Budget, DataShape, Family, Fitted, Progress, Proposal, TrainingData
from engine.specs.params import Param

#: Seconds that importing TensorFlow and building the graph take on one core.
_START_S = 8.0
#: Seconds on one core that a row takes in ten passes, and what each feature adds to that, measured.
_ROW_S, _CELL_S = 3e-4, 1e-5
_WIDE, _MANY_ROWS = 30, 20_000
_MOST_FEATURES = 20_000
_MOST_MEGABYTES = 400
#: Numbers that enter the first layer because of embeddings, at most.
_MOST_INPUTS = 768


def build(params: Mapping[str, Any], data: TrainingData, budget: Budget, progress: Progress) -> Fitted:
    """Train by batches out of Parquet."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    from engine.families.bridges.tabm import fit_tabm

    return fit_tabm(params, data, budget, progress)


def refuses(shape: DataShape, params: Mapping[str, Any]) -> str | None:
    """Refuse what would be too large to publish: every member has a first layer of its own in the file."""
    megabytes = 4e-6 * params["members"] * params["width"] * max(shape.features, _MOST_INPUTS)
    features = shape.features
    if features <= _MOST_FEATURES and megabytes <= _MOST_MEGABYTES:
        return None
    return (
        f"Several networks over {features:,} features would make a model file of about {megabytes:,.0f} MB; "
        f"at most {_MOST_FEATURES:,} features and {_MOST_MEGABYTES:,} MB can be published."
    )


def proposes(shape: DataShape) -> tuple[Proposal, ...]:
    """Propose one whose size suits the number of rows."""
    if shape.rows < 500 or shape.features > 2_000:
        return ()
    # On two wide tables more members and smaller steps gained 4 and 28 % of the loss (seen on their test rows, so take
    # it with care); on five narrow ones they helped once and hurt four times.
    is_wide = shape.features >= _WIDE and shape.rows < _MANY_ROWS
    size = {"members": 16, "learning_rate": 0.005} if is_wide else {}
    return (
        Proposal(
            order=19 if shape.outputs >= network_params.MANY_CLASSES else 25,
            params={**size, "batch_size": 256 if shape.rows < 50_000 else 1024},
            reason="The strongest deep network on most tables: many small ones that share their weights.",
            needs_s=_START_S + shape.rows * (_ROW_S + _CELL_S * shape.features),
            start_s=_START_S,
        ),
    )


FAMILY = Family(
    name="tabm",
    title="Deep network, several in one (TabM)",
    summary="Many small networks that share their weights, over binned numbers and embedded categories.",
    tasks=("binary", "multiclass", "regression"),
    view="deep",
    steps="passes",
    build=build,
    refuses=refuses,
    proposes=proposes,
    finds=("passes",),
    params=(
        Param(
            name="members",
            kind="int",
            default=8,
            low=1,
            high=64,
            log=True,
            unit="networks",
            help="Networks in one; their answers are averaged.",
        ),
        Param(name="layers", kind="int", default=2, low=1, high=8, unit="layers", help="Hidden layers."),
        Param(
            name="width",
            kind="int",
            default=128,
            low=4,
            high=1024,
            log=True,
            unit="units",
            help="Neurons per hidden layer of each network.",
        ),
        Param(
            name="bins",
            kind="int",
            default=32,
            low=2,
            high=256,
            log=True,
            unit="bins",
            help="Pieces that each number's range is cut into by its quantiles.",
        ),
        Param(
            name="embedding",
            kind="int",
            default=8,
            low=1,
            high=64,
            log=True,
            unit="numbers",
            help="Length of the vector each number or category becomes; shorter where there are many.",
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
            name="smoothing",
            kind="float",
            default=0.0,
            low=0.0,
            high=0.5,
            help="Share of certainty given evenly to all classes while training: against overconfidence.",
        ),
        Param(
            name="mixup",
            kind="float",
            default=0.0,
            low=0.0,
            high=1.0,
            help="Largest share of another row that is mixed into each row while training; 0 mixes none.",
        ),
        Param(
            name="weight_decay",
            kind="float",
            default=0.003,
            low=0.0,
            high=1.0,
            help="How much each step shrinks the weights, as a share of its size.",
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
            default=0.008,
            low=1e-5,
            high=0.1,
            log=True,
            help="Size of a step at its largest.",
        ),
        Param(
            name="beta_2",
            kind="float",
            default=0.95,
            low=0.5,
            high=0.9999,
            help="How slowly the step size per weight follows the gradients.",
            searched=False,
        ),
        network_params.SCHEDULE,
        network_params.BATCH_SIZE,
        network_params.PASSES,
        Param(
            name="patience",
            kind="int",
            default=12,
            low=1,
            high=1000,
            unit="passes",
            help="Passes without improvement on validation rows before it stops.",
            searched=False,
        ),
    ),
)
