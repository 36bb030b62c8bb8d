"""What all networks for pictures share: dials of how they are trained and of how their pictures are varied."""

from __future__ import annotations

from dataclasses import replace

from engine.families import network_params
from engine.specs.params import Param


def _share(name: str, default: float, high: float, text: str, *, searched: bool = False) -> Param:
    return Param(name=name, kind="float", default=default, low=0.0, high=high, help=text, searched=searched)


#: Random changes of training pictures; never part of what is published.
AUGMENTATION: tuple[Param, ...] = (
    _share("strength", 1.0, 2.0, "Multiplies every change below; 0 changes no picture.", searched=True),
    Param(
        name="flip",
        kind="choice",
        choices=("auto", "none", "horizontal", "any"),
        default="auto",
        help="Mirror pictures: sideways, any way, or sideways where mirrored pictures look like their class.",
        searched=False,
    ),
    _share("shift", 0.1, 0.5, "Move by up to this share of the side."),
    _share("scale", 0.15, 0.9, "Make larger or smaller by up to this share."),
    Param(
        name="rotate",
        kind="float",
        default=10.0,
        low=0.0,
        high=180.0,
        unit="degrees",
        help="Turn by up to so many degrees, either way.",
        searched=False,
    ),
    Param(
        name="shear",
        kind="float",
        default=5.0,
        low=0.0,
        high=45.0,
        unit="degrees",
        help="Slant by up to so many degrees, either way.",
        searched=False,
    ),
    _share("brightness", 0.2, 1.0, "Make brighter or darker by up to this share."),
    _share("contrast", 0.2, 1.0, "Make contrast stronger or weaker by up to this share."),
    _share("saturation", 0.2, 1.0, "Make colours stronger or weaker by up to this share."),
    _share("hue", 0.02, 0.5, "Turn colours by up to this share of the colour circle."),
    _share("grey", 0.0, 1.0, "Share of pictures that lose their colour."),
    _share("blur", 0.0, 1.0, "Blur or sharpen by up to this share."),
    _share("noise", 0.0, 0.5, "Add noise of up to this share of the brightness range."),
    _share("cutout", 0.3, 0.9, "Cover a square of up to this share of the side.", searched=True),
    _share("mixup", 0.0, 1.0, "Share of pictures that are blended with another one.", searched=True),
    _share("cutmix", 0.0, 1.0, "Share of pictures that get a patch of another one.", searched=True),
)

LEARNING_RATE = Param(
    name="learning_rate",
    kind="float",
    default=0.004,
    low=1e-5,
    high=0.1,
    log=True,
    help="Size of a step at its largest.",
)

#: How networks for pictures are trained.
TRAINING: tuple[Param, ...] = (
    LEARNING_RATE,
    Param(
        name="weight_decay",
        kind="float",
        default=0.05,
        low=0.0,
        high=1.0,
        help="How much each step shrinks the weights, as a share of its size.",
    ),
    Param(
        name="dropout",
        kind="float",
        default=0.1,
        low=0.0,
        high=0.8,
        help="Share of what the last layer sees that is silenced at random while training.",
    ),
    _share("smoothing", 0.1, 0.5, "Share of certainty given evenly to all classes: against overconfidence."),
    Param(
        name="class_weights",
        kind="bool",
        default=False,
        help="Let rare classes count as much as frequent ones while training.",
        searched=False,
    ),
    _share("average", 0.03, 0.5, "Share of the training over which the published weights are averaged."),
    Param(
        name="clip_norm",
        kind="float",
        default=1.0,
        low=0.0,
        high=100.0,
        help="Longest gradient per weight matrix; longer ones are cut. 0 cuts none.",
        searched=False,
    ),
    replace(
        network_params.BATCH_SIZE,
        default=64,
        high=4096,
        unit="pictures",
        help="Pictures per step; fewer where the data has few.",
        searched=False,
    ),
    replace(
        network_params.PASSES,
        default=120,
        help="Most passes over the training pictures; fewer where the time is short.",
    ),
    Param(
        name="patience",
        kind="int",
        default=60,
        low=1,
        high=1000,
        unit="passes",
        help="Passes without improvement on validation pictures before it stops.",
        searched=False,
    ),
)


def width(default: int) -> Param:
    """Return the dial of how many channels the first layers have."""
    return Param(
        name="width",
        kind="int",
        default=default,
        low=4,
        high=256,
        log=True,
        unit="channels",
        help="Channels of the first stage; each later stage has twice as many.",
    )


def depth(default: int, counts: str) -> Param:
    """Return the dial of how many layers a stage has.   counts: what it counts, in the plural."""
    return Param(
        name="depth",
        kind="int",
        default=default,
        low=1,
        high=6,
        unit=counts,
        help="Layers, one behind the other, in each stage.",
    )
