"""Networks for pictures that others have trained, whose weights an administrator imports: plain facts, no library."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

#: Smallest and largest side that they take.
SMALLEST, LARGEST = 32, 512
#: Side to which small pictures are enlarged where nobody says how much: these networks were trained on large ones.
USUAL = 96
#: Stages of every network: each but the first halves the side of the one before.
STAGES = 5


@dataclass(frozen=True, kw_only=True)
class TrainedNetwork:
    """A network of `keras.applications`, without its last layer.

    application: its name there.   options: what it is made with.   colours: what it expects of a picture's values:
    "unit" −1 … 1, "caffe" blue first and less their mean, "own" 0 … 255, of which it makes what it wants itself.
    later: the layer at which each stage but the first begins.   seconds: on one core, for one picture of
    224 × 224, forwards, measured.
    """

    name: str
    title: str
    application: str
    colours: Literal["unit", "caffe", "own"]
    later: tuple[str, ...]
    seconds: float
    options: Mapping[str, Any] = field(default_factory=dict)


_MOBILENET_V2 = ("block_1_expand", "block_3_expand", "block_6_expand", "block_13_expand")

#: In the order in which they are tried: those that give much for their time first.
NETWORKS: tuple[TrainedNetwork, ...] = (
    TrainedNetwork(
        name="mobilenet_v2",
        title="MobileNetV2",
        application="MobileNetV2",
        colours="unit",
        later=_MOBILENET_V2,
        seconds=0.016,
    ),
    TrainedNetwork(
        name="efficientnet_b0",
        title="EfficientNetB0",
        application="EfficientNetB0",
        colours="own",
        later=(
            "block2a_expand_conv",
            "block3a_expand_conv",
            "block4a_expand_conv",
            "block6a_expand_conv",
        ),
        seconds=0.024,
    ),
    TrainedNetwork(
        name="resnet50",
        title="ResNet50",
        application="ResNet50",
        colours="caffe",
        later=("conv2_block1_1_conv", "conv3_block1_1_conv", "conv4_block1_1_conv", "conv5_block1_1_conv"),
        seconds=0.078,
    ),
    TrainedNetwork(
        name="convnext_tiny",
        title="ConvNeXtTiny",
        application="ConvNeXtTiny",
        colours="own",
        later=(
            "convnext_tiny_stage_0_block_0_depthwise_conv",
            "convnext_tiny_downsampling_block_0",
            "convnext_tiny_downsampling_block_1",
            "convnext_tiny_downsampling_block_2",
        ),
        seconds=0.7,
    ),
    TrainedNetwork(
        name="mobilenet_v2_035",
        title="MobileNetV2 (width 0.35)",
        application="MobileNetV2",
        colours="unit",
        later=_MOBILENET_V2,
        seconds=0.007,
        options={"alpha": 0.35},
    ),
)
BY_NAME: Mapping[str, TrainedNetwork] = {one.name: one for one in NETWORKS}


def times(side: int, asked: int = 0) -> int:
    """Return how many times larger pictures of `side` are made.   asked: 0 for what suits these networks.

    >>> times(32), times(28), times(96), times(224), times(32, 2)
    (3, 3, 1, 1, 2)
    """
    return asked or max(1, round(USUAL / side))
