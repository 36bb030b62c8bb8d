"""The bodies of networks for pictures, as Keras layers that can all be written as ONNX nodes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import keras
import tensorflow as tf

from engine.families.picture_sizes import stages, stem_stride

_L = keras.layers
#: Params and pictures (rows, side, side, 3), scaled, → channels (rows, side', side', width).
Body = Callable[[Mapping[str, Any], Any], Any]


class Norm(keras.layers.BatchNormalization):
    """Batch normalisation whose training step is one fused operation: a quarter to a third of a step is saved.

    It follows quickly (momentum 0.9): few pictures make few steps.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(momentum=0.9, epsilon=1e-3, **options)

    def call(self, values: Any, training: bool = False, mask: Any = None) -> Any:
        if not training:
            return super().call(values, training=False)
        answer, mean, variance, *_ = tf.raw_ops.FusedBatchNormV3(
            x=values,
            scale=tf.cast(self.gamma.value, tf.float32),
            offset=tf.cast(self.beta.value, tf.float32),
            mean=[],
            variance=[],
            epsilon=self.epsilon,
            is_training=True,
        )
        for kept, found in ((self.moving_mean, mean), (self.moving_variance, variance)):
            kept.value.assign_add((found - kept.value) * (1.0 - self.momentum))
        return answer


def convolution(x: Any, width: int, span: int, stride: int = 1) -> Any:
    """Return x convolved, without a bias: a normalisation comes behind it."""
    return _L.Conv2D(width, span, stride, padding="same", use_bias=False, kernel_initializer="he_normal")(x)


def stem(x: Any, width: int) -> Any:
    """Return the first channels; large pictures are made smaller at once."""
    stride = stem_stride(x.shape[1])
    x = _L.ReLU()(Norm()(convolution(x, width, 3 if stride == 1 else 5, min(2, stride))))
    return _L.MaxPooling2D(3, 2, padding="same")(x) if stride == 4 else x


def plain(params: Mapping[str, Any], x: Any) -> Any:
    """Convolutions and maxima of 2 × 2, width doubling (after VGG, Simonyan & Zisserman 2015)."""
    width, count = params["width"], stages(x.shape[1])
    x = stem(x, width)
    for stage in range(count):
        for _ in range(params["depth"]):
            x = _L.ReLU()(Norm()(convolution(x, width * 2**stage, 3)))
        if stage < count - 1:
            x = _L.MaxPooling2D(2, padding="same")(x)
    return x


def residual(params: Mapping[str, Any], x: Any) -> Any:
    """Blocks that add to what they are given (He et al. 2016, basic block)."""
    width, count = params["width"], stages(x.shape[1])
    x = stem(x, width)
    for stage in range(count):
        for block in range(params["depth"]):
            stride = 2 if stage and not block else 1
            y = _L.ReLU()(Norm()(convolution(x, width * 2**stage, 3, stride)))
            # A block adds nothing at first: a deep network starts as a shallow one (Goyal et al. 2017).
            y = Norm(gamma_initializer="zeros")(convolution(y, width * 2**stage, 3))
            if x.shape[-1] != y.shape[-1]:
                if stride > 1:
                    x = _L.AveragePooling2D(stride, padding="same")(x)
                x = Norm()(convolution(x, width * 2**stage, 1))
            x = _L.ReLU()(_L.Add()([x, y]))
    return x


def separable(params: Mapping[str, Any], x: Any) -> Any:
    """Convolutions cut into one per channel and one per point (Howard et al. 2017), with a way around."""
    width, count = params["width"], stages(x.shape[1])
    x = stem(x, width)
    for stage in range(count):
        for block in range(params["depth"]):
            stride = 2 if stage and not block else 1
            y = _L.DepthwiseConv2D(
                3, stride, padding="same", use_bias=False, depthwise_initializer="he_normal"
            )(x)
            y = _L.ReLU()(Norm()(y))
            y = Norm()(convolution(y, width * 2 ** (stage + 1), 1))
            y = _L.Add()([x, y]) if x.shape[1:] == y.shape[1:] else y
            x = _L.ReLU()(y)
    return x


def modern(params: Mapping[str, Any], x: Any) -> Any:
    """Wide looks per channel, then a small network per point (ConvNeXt, Liu et al. 2022)."""
    width, count = params["width"], stages(x.shape[1])
    side = 2 * stem_stride(x.shape[1])
    x = _L.LayerNormalization(epsilon=1e-5)(_L.Conv2D(width, side, side, padding="same")(x))
    for stage in range(count):
        if stage:
            x = _L.Conv2D(width * 2**stage, 2, 2, padding="same")(_L.LayerNormalization(epsilon=1e-5)(x))
        for _ in range(params["depth"]):
            y = _L.DepthwiseConv2D(7, padding="same")(x)
            y = _L.Dense(4 * width * 2**stage)(_L.LayerNormalization(epsilon=1e-5)(y))
            # The tanh form: the exact one takes twice as long to train.
            y = keras.ops.gelu(y, approximate=True)
            x = _L.Add()([x, _L.Dense(width * 2**stage, kernel_initializer="zeros")(y)])
    return _L.LayerNormalization(epsilon=1e-5)(x)


def build(
    body: Body, params: Mapping[str, Any], shape: tuple[int, ...], *, scale: Any, offset: Any, outputs: int
) -> keras.Model:
    """Return the whole network: pictures (rows, *shape) float 0 … 255 → logits or the value (rows, outputs).

    scale, offset: per colour, what pictures are multiplied by and what is then added.
    """
    pictures = keras.Input(shape, name="features")
    x = body(params, _L.Rescaling(list(scale), list(offset))(pictures))
    x = _L.GlobalAveragePooling2D()(x)
    if params["dropout"]:
        x = _L.Dropout(params["dropout"])(x)
    answer = _L.Dense(outputs, dtype="float32", name="answer")(x)
    return keras.Model(pictures, answer)
