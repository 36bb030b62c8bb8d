"""Networks that others have trained, as bodies: made by Keras, given their weights, cut and frozen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from engine.errors import WorkFailed
from engine.families.trained_networks import BY_NAME, LARGEST, SMALLEST, STAGES, TrainedNetwork, times
from engine.words import words

_L = keras.layers
#: Means of red, green and blue that networks of the "caffe" kind were trained without.
#: Source: Keras, `applications.resnet50.preprocess_input`.
_CAFFE_MEANS = (123.68, 116.779, 103.939)


@dataclass(frozen=True, kw_only=True)
class Body:
    """A trained network as far as it is kept.

    model: pictures (rows, height, width, 3) of 0 … 255 → features (rows, width).
    stages: the variables of each stage kept, the lowest first, that tuning may change: no batch normalisation's.
    """

    model: Any
    stages: tuple[tuple[Any, ...], ...]

    @property
    def width(self) -> int:
        return int(self.model.outputs[0].shape[-1])

    @property
    def cells(self) -> int:
        """Values of one picture as the network inside sees it."""
        return int(np.prod(self.model.get_layer("body").input.shape[1:]))


def application(network: TrainedNetwork, shape: tuple[int, ...]) -> Any:
    """Return the network for pictures of `shape`, with weights by lot."""
    return getattr(keras.applications, network.application)(
        weights=None, include_top=False, input_shape=shape, **network.options
    )


def load_body(network: str, weights: Path, shape: Sequence[int], *, depth: int, enlarge: int) -> Body:
    """Return the first `depth` stages of a network with its weights, as a network that only looks.

    shape: of a picture.   enlarge: how many times larger it is made; 0 for what suits the network.
    Raises: WorkFailed when the weights are not that network's.
    """
    known = BY_NAME[network]
    larger = times(min(shape[:2]), enlarge)
    seen = (shape[0] * larger, shape[1] * larger, shape[2])
    assert SMALLEST <= min(seen[:2]) <= max(seen[:2]) <= LARGEST  # The family refuses others.
    whole = application(known, seen)
    _take(whole, weights, known)
    end = whole.get_layer(known.later[depth - 1]).input if depth < STAGES else whole.output
    inner = keras.Model(whole.input, end, name="body")
    for layer in _flat(inner.layers):
        # A trained mean and deviation of thousands of pictures is worth more than that of a batch.
        layer.trainable = not isinstance(layer, _L.BatchNormalization)
    pictures = keras.Input(tuple(shape), name="features")
    features = _L.GlobalAveragePooling2D()(inner(_expected(known, pictures, larger)))
    return Body(model=keras.Model(pictures, features), stages=_stages(inner, known, depth))


def _take(whole: Any, weights: Path, known: TrainedNetwork) -> None:
    """Give a network its weights, which lie in the order of its own."""
    variables = whole.weights
    with np.load(weights, allow_pickle=False) as held:
        names = sorted(held.files)
        arrays = [held[name] for name in names]
    same = len(arrays) == len(variables) and all(
        array.shape == tuple(variable.shape) for array, variable in zip(arrays, variables, strict=True)
    )
    if not same:
        raise WorkFailed(
            words("The weights of {title} do not fit it any more.", title=known.title),
            remedy=words("Import them again with `aimass weights add`."),
        )
    for variable, array in zip(variables, arrays, strict=True):
        variable.assign(array)
    for layer in whole.layers:
        if isinstance(layer, _L.Normalization):
            layer.finalize_state()


def _expected(network: TrainedNetwork, x: Any, larger: int) -> Any:
    """Return pictures of 0 … 255 as the network expects them."""
    if larger > 1:
        x = _L.UpSampling2D(larger, interpolation="bilinear")(x)
    if network.colours == "unit":
        return _L.Rescaling(1.0 / 127.5, -1.0)(x)
    if network.colours == "caffe":
        return _swapped(x)
    return x


def _swapped(x: Any) -> Any:
    """Return red, green, blue as blue, green, red, less their means."""
    layer = _L.Conv2D(3, 1, trainable=False, name="blue_first")
    answer = layer(x)
    kernel = np.eye(3, dtype=np.float32)[:, ::-1][None, None]
    layer.set_weights([kernel, -np.array(_CAFFE_MEANS[::-1], np.float32)])
    return answer


def _flat(layers: Iterable[Any]) -> list[Any]:
    """Return layers, those inside of others in their place."""
    return [
        one
        for layer in layers
        for one in (_flat(layer.layers) if isinstance(layer, keras.Model) else [layer])
    ]


def _stages(inner: Any, network: TrainedNetwork, depth: int) -> tuple[tuple[Any, ...], ...]:
    """Return what may be tuned of each stage of `inner`."""
    stages: list[list[Any]] = [[] for _ in range(depth)]
    stage = 0
    for layer in inner.layers:
        if stage < depth - 1 and layer.name == network.later[stage]:
            stage += 1
        stages[stage] += [variable.value for part in _flat([layer]) for variable in part.trainable_weights]
    return tuple(tuple(stage) for stage in stages)
