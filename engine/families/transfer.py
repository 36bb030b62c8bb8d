"""Transfer learning for pictures: what a network learned from millions of others, by Keras."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from engine.families import picture_params, picture_training
from engine.families.base import Budget, DataShape, Family, Fitted, Progress, Proposal, TrainingData
from engine.families.trained_networks import BY_NAME, LARGEST, NETWORKS, SMALLEST, STAGES, times
from engine.families.weights import missing
from engine.specs.params import Param

#: Networks that are proposed: those from scratch must have their time too.
_MOST_OFFERED = 2
#: Pictures from which on a head can be trained.
_LEAST_ROWS = 20
#: Seconds that loading TensorFlow, a network and its weights take; looks at each picture that are worth a start.
_START_S, _LEAST_LOOKS = 12.0, 1.5

PARAMS: tuple[Param, ...] = (
    Param(
        name="network",
        kind="choice",
        choices=tuple(one.name for one in NETWORKS),
        default=NETWORKS[0].name,
        help="The trained network; its weights must have been imported.",
        searched=False,
    ),
    Param(
        name="depth",
        kind="int",
        default=STAGES,
        low=1,
        high=STAGES,
        unit="stages",
        help="Stages of the network that are kept, from the picture on; the last ones know the most of things.",
        searched=False,
    ),
    Param(
        name="tuned",
        kind="int",
        default=2,
        low=0,
        high=STAGES,
        unit="stages",
        help="Stages, from the last one back, whose weights are tuned where the time allows; 0 tunes none.",
    ),
    Param(
        name="enlarge",
        kind="int",
        default=0,
        low=0,
        high=16,
        unit="times",
        help="How many times larger pictures are made before the network sees them; 0 for what suits it.",
        searched=False,
    ),
    Param(
        name="hidden",
        kind="int",
        default=0,
        low=0,
        high=2048,
        unit="values",
        help="Width of a layer between what the network sees and the answer; 0 for none.",
    ),
    Param(
        name="head_rate",
        kind="float",
        default=0.002,
        low=1e-5,
        high=0.1,
        log=True,
        help="Size of a step at its largest, while only the layers above the network are trained.",
    ),
    Param(
        name="head_passes",
        kind="int",
        default=60,
        low=1,
        high=2000,
        unit="passes",
        help="Passes over what the network sees in the training pictures; a pass takes less than a second.",
        searched=False,
    ),
)
#: Dials of training that mean another size here: the weights are good already.
_OTHERWISE: Mapping[str, Mapping[str, Any]] = {
    "learning_rate": {"default": 0.0005, "help": "Size of a step at its largest, while stages are tuned."},
    "passes": {
        "default": 30,
        "low": 0,
        "help": "Most passes of tuning over the training pictures; 0 tunes nothing.",
    },
    "dropout": {"default": 0.2},
}


def refuses(shape: DataShape, params: Mapping[str, Any]) -> str | None:
    """Refuse what is no picture of a size that the network takes, and a network without weights."""
    if len(shape.sample_shape) != 3:
        return "A network for pictures reads pictures; this data has rows of numbers."
    if params["network"] not in shape.weights:
        return missing(params["network"])
    sides = shape.sample_shape[:2]
    larger = times(min(sides), params["enlarge"])
    if not SMALLEST <= min(sides) * larger <= max(sides) * larger <= LARGEST:
        return (
            f"Trained networks take sides of {SMALLEST} to {LARGEST} pixels; "
            f"these pictures are made {sides[0] * larger} × {sides[1] * larger}."
        )
    return None


def seconds(shape: DataShape, network: str) -> float:
    """Return the seconds on one core below which a training is not worth starting."""
    sides = shape.sample_shape[:2]
    larger = times(min(sides)) ** 2 * sides[0] * sides[1] / 224**2
    return _START_S + shape.rows * _LEAST_LOOKS * BY_NAME[network].seconds * larger


def proposes(shape: DataShape) -> tuple[Proposal, ...]:
    """Propose the first networks that have weights, before all that begin from nothing."""
    if len(shape.sample_shape) != 3 or shape.rows < _LEAST_ROWS:
        return ()
    offered = [
        Proposal(
            name=one.name.replace("_", "-"),
            order=3 + position,
            params={"network": one.name},
            reason="What it learned from many other pictures helps most where there are few of one's own.",
            needs_s=seconds(shape, one.name),
        )
        for position, one in enumerate(NETWORKS)
        if one.name in shape.weights
    ]
    usual = {param.name: param.default for param in PARAMS}
    fitting = [one for one in offered if refuses(shape, {**usual, **one.params}) is None]
    return tuple(fitting[:_MOST_OFFERED])


def build(params: Mapping[str, Any], data: TrainingData, budget: Budget, progress: Progress) -> Fitted:
    """Train; see `bridges.transfer.fit_transfer`."""
    return picture_training.build("trained", params, data, budget, progress)


FAMILY = Family(
    name="transfer",
    title="Transfer learning",
    summary="A network that learned from many other pictures, with a new last layer: for few pictures of one's own.",
    tasks=("binary", "multiclass", "regression"),
    view="pixels",
    steps="passes",
    build=build,
    refuses=refuses,
    proposes=proposes,
    finds=("passes",),
    params=(
        *PARAMS,
        *(replace(param, **_OTHERWISE.get(param.name, {})) for param in picture_params.TRAINING),
        *picture_params.AUGMENTATION,
    ),
)
