"""Random changes of pictures as Keras layers: moved, recoloured, blurred, covered, mixed; while training only.

Pictures are float32 (rows, height, width, 3), 0 … 255. Every picture gets a change of its own.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf

_LUMA = (0.299, 0.587, 0.114)
#: Between RGB and YIQ, in which a turn of the last two is a change of hue (NTSC standard of 1953).
_TO_YIQ = np.array([[0.299, 0.596, 0.211], [0.587, -0.274, -0.523], [0.114, -0.322, 0.312]], np.float32)
_FROM_YIQ = np.linalg.inv(_TO_YIQ.astype(np.float64)).astype(np.float32)
#: Dials that say how far a change goes; `strength` multiplies them.
_AMOUNTS = (
    *("shift", "scale", "rotate", "shear", "brightness", "contrast", "saturation", "hue", "grey"),
    *("blur", "noise", "cutout", "mixup", "cutmix"),
)
_MOST = {"scale": 0.9, "brightness": 0.95, "contrast": 0.95, "saturation": 1.0, "cutout": 0.9}


class _Random(keras.layers.Layer):
    """A layer that draws numbers; nothing of it is ever trained or exported."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._seeds = keras.random.SeedGenerator(seed)

    def drawn(self, rows: Any, count: int) -> list[Any]:
        """Return `count` vectors (rows,) of numbers in [0, 1)."""
        return tf.unstack(tf.random.stateless_uniform((count, rows), self._seeds.next()), count)


class Move(_Random):
    """Mirror, shift, scale, turn and slant, in one look-up; what comes in from outside is mirrored there."""

    def __init__(self, amounts: Mapping[str, float], flip: str, seed: int) -> None:
        super().__init__(seed)
        self._amounts, self._flip = dict(amounts), flip

    def call(self, pictures: Any) -> Any:
        shape = tf.shape(pictures)
        rows, size = shape[0], tf.cast(shape[1:3], tf.float32)
        draws = self.drawn(rows, 8)
        right, down, larger, wider, turn, slant = (2.0 * one - 1.0 for one in draws[:6])
        amounts = self._amounts
        angle = turn * (amounts["rotate"] * math.pi / 180.0)
        lean = tf.tan(slant * (amounts["shear"] * math.pi / 180.0))
        # A third of the change of scale is one of shape: as seen a little from the side.
        zoom = tf.exp(larger * math.log(1.0 + amounts["scale"]))
        stretch = tf.exp(wider * math.log(1.0 + amounts["scale"]) / 3.0)
        across, along = 1.0 / (zoom * stretch), stretch / zoom
        across *= self._mirror(draws[6], self._flip != "none")
        along *= self._mirror(draws[7], self._flip == "any")
        sin, cos = tf.sin(angle), tf.cos(angle)
        a, b = cos * across, (cos * lean - sin) * along
        c, d = sin * across, (sin * lean + cos) * along
        middle = (size - 1.0) / 2.0
        x = middle[1] * (1.0 - a) - middle[0] * b + right * (amounts["shift"] * size[1])
        y = middle[0] * (1.0 - d) - middle[1] * c + down * (amounts["shift"] * size[0])
        nothing = tf.zeros_like(a)
        return tf.raw_ops.ImageProjectiveTransformV3(
            images=pictures,
            transforms=tf.stack([a, b, x, c, d, y, nothing, nothing], axis=1),
            output_shape=shape[1:3],
            interpolation="BILINEAR",
            fill_mode="REFLECT",
            fill_value=0.0,
        )

    @staticmethod
    def _mirror(draw: Any, is_wanted: bool) -> Any:
        return tf.where(draw < 0.5, -1.0, 1.0) if is_wanted else 1.0


class Colour(_Random):
    """Brightness, contrast, saturation, hue and loss of colour, all in one matrix per picture."""

    def __init__(self, amounts: Mapping[str, float], seed: int) -> None:
        super().__init__(seed)
        self._amounts = dict(amounts)

    def call(self, pictures: Any) -> Any:
        shape = tf.shape(pictures)
        draws = self.drawn(shape[0], 5)
        light, contrast, saturation = (
            1.0 + (2.0 * draw - 1.0) * self._amounts[name]
            for draw, name in zip(draws, ("brightness", "contrast", "saturation"), strict=False)
        )
        saturation = tf.where(draws[4] < self._amounts["grey"], 0.0, saturation)
        angle = (2.0 * draws[3] - 1.0) * (self._amounts["hue"] * 2.0 * math.pi)
        matrix = _hues(angle) @ _saturations(saturation)
        matrix *= contrast[:, None, None]
        middle = tf.reduce_mean(pictures, axis=(1, 2)) @ tf.constant(_LUMA)[:, None]
        flat = tf.reshape(pictures, (shape[0], -1, 3)) - middle[:, :, None]
        changed = (flat @ matrix + middle[:, :, None]) * light[:, None, None]
        return tf.reshape(changed, shape)


def _hues(angle: Any) -> Any:
    """Return (rows, 3, 3): turns of hue, to multiply RGB rows with."""
    one, nothing = tf.ones_like(angle), tf.zeros_like(angle)
    sin, cos = tf.sin(angle), tf.cos(angle)
    turn = tf.stack([one, nothing, nothing, nothing, cos, sin, nothing, -sin, cos], axis=1)
    return tf.constant(_TO_YIQ) @ tf.reshape(turn, (-1, 3, 3)) @ tf.constant(_FROM_YIQ)


def _saturations(share: Any) -> Any:
    """Return (rows, 3, 3): between grey (0) and the colours as they are (1)."""
    grey = tf.constant(np.repeat(np.array(_LUMA, np.float32)[:, None], 3, axis=1))
    return share[:, None, None] * tf.eye(3) + (1.0 - share[:, None, None]) * grey


class Blur(_Random):
    """Blurs or sharpens, and adds noise."""

    def __init__(self, amounts: Mapping[str, float], seed: int) -> None:
        super().__init__(seed)
        self._blur, self._noise = amounts["blur"], amounts["noise"]

    def call(self, pictures: Any) -> Any:
        how_far, how_loud = self.drawn(tf.shape(pictures)[0], 2)
        if self._blur:
            soft = tf.nn.avg_pool2d(pictures, 3, 1, "SAME")
            pictures += (soft - pictures) * ((2.0 * how_far - 1.0) * self._blur)[:, None, None, None]
        if self._noise:
            drawn = tf.random.stateless_normal(tf.shape(pictures), self._seeds.next())
            pictures += drawn * (how_loud * (self._noise * 255.0))[:, None, None, None]
        return pictures


class CutOut(_Random):
    """Covers a square with the picture's mean colour (DeVries & Taylor 2017)."""

    def __init__(self, amounts: Mapping[str, float], seed: int) -> None:
        super().__init__(seed)
        self._most = amounts["cutout"]

    def call(self, pictures: Any) -> Any:
        shape = tf.shape(pictures)
        side, x, y = self.drawn(shape[0], 3)
        covered = _boxes(shape, side * self._most, x, y)
        return tf.where(covered, tf.reduce_mean(pictures, axis=(1, 2), keepdims=True), pictures)


def _boxes(shape: Any, side: Any, x: Any, y: Any) -> Any:
    """Return (rows, height, width, 1) bool: a box of share `side` of both sides, its middle at shares x, y."""
    inside = []
    for size, middle in ((shape[1], y), (shape[2], x)):
        places = (tf.cast(tf.range(size), tf.float32) + 0.5) / tf.cast(size, tf.float32)
        inside.append(tf.abs(places[None, :] - middle[:, None]) < side[:, None] / 2.0)
    return (inside[0][:, :, None] & inside[1][:, None, :])[..., None]


class Mix(_Random):
    """Blends pictures with their neighbours in the batch (MixUp, Zhang et al. 2018) or pastes a patch of them (CutMix,
    Yun et al. 2019); targets are blended by the same share."""

    def __init__(self, amounts: Mapping[str, float], seed: int) -> None:
        super().__init__(seed)
        self._blended, self._patched = amounts["mixup"], amounts["cutmix"]

    def call(self, pictures: Any, targets: Any) -> tuple[Any, Any]:
        """targets: (rows, width) float.   Returns both, mixed."""
        shape = tf.shape(pictures)
        which, share, x, y = self.drawn(shape[0], 4)
        others, their_targets = tf.roll(pictures, 1, axis=0), tf.roll(targets, 1, axis=0)
        boxes = _boxes(shape, tf.sqrt(share), x, y)
        is_patched = which >= 1.0 - self._patched
        patch = tf.reduce_mean(tf.cast(boxes, tf.float32), axis=(1, 2, 3))
        theirs = tf.where(is_patched, patch, tf.where(which < self._blended, share, 0.0))
        blend = tf.where(is_patched, 0.0, theirs)[:, None, None, None]
        mixed = pictures + (others - pictures) * blend
        mixed = tf.where(boxes & is_patched[:, None, None, None], others, mixed)
        return mixed, targets + (their_targets - targets) * theirs[:, None]


class Augment(keras.layers.Layer):
    """All changes that `params` ask for, one behind the other.   params: those of `picture_params.AUGMENTATION`."""

    def __init__(self, params: Mapping[str, Any], seed: int) -> None:
        """params["flip"] must be decided: "auto" mirrors sideways."""
        super().__init__()
        strength = float(params["strength"])
        amounts = {name: min(params[name] * strength, _MOST.get(name, math.inf)) for name in _AMOUNTS}
        flip = params["flip"] if strength else "none"
        self._changes: list[keras.layers.Layer] = []
        if flip != "none" or _any(amounts, "shift", "scale", "rotate", "shear"):
            self._changes.append(Move(amounts, flip, seed))
        if _any(amounts, "brightness", "contrast", "saturation", "hue", "grey"):
            self._changes.append(Colour(amounts, seed + 1))
        if _any(amounts, "blur", "noise"):
            self._changes.append(Blur(amounts, seed + 2))
        if _any(amounts, "cutout"):
            self._changes.append(CutOut(amounts, seed + 3))
        self._mix = Mix(amounts, seed + 4) if _any(amounts, "mixup", "cutmix") else None

    def call(self, pictures: Any, targets: Any) -> tuple[Any, Any]:
        """pictures: (rows, height, width, 3), 0 … 255.   targets: (rows, width).   Returns both, changed."""
        for change in self._changes:
            pictures = change(pictures)
        if self._changes:
            pictures = tf.clip_by_value(pictures, 0.0, 255.0)
        return (pictures, targets) if self._mix is None else self._mix(pictures, targets)


def _any(amounts: Mapping[str, float], *names: str) -> bool:
    return any(amounts[name] > 0 for name in names)


def preview(
    pictures: npt.NDArray[np.uint8], params: Mapping[str, Any], seed: int = 0
) -> npt.NDArray[np.uint8]:
    """Return `pictures` (rows, height, width, 3) as one training step might see them; equal seeds, equal changes.

    Imports TensorFlow with this module: call it in a worker.
    """
    targets = tf.zeros((len(pictures), 1))
    changed, _ = Augment(params, seed)(tf.constant(pictures, tf.float32), targets)
    return np.rint(changed.numpy()).astype(np.uint8)
