"""The door from a family of networks for pictures to Keras: nothing heavy is imported before it is gone through."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from engine.families.base import Budget, Fitted, Progress, TrainingData

#: Names of the bodies in `bridges.picture_networks`, and "trained" for those in `bridges.trained_bodies`.
BodyName = Literal["plain", "residual", "separable", "modern", "trained"]


def build(
    body: BodyName, params: Mapping[str, Any], data: TrainingData, budget: Budget, progress: Progress
) -> Fitted:
    """Train a network with this body on varied pictures; see `bridges.pictures`.

    body: "trained" for one that others trained; see `bridges.transfer`.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    with _quiet():
        from engine.families.bridges import picture_networks
        from engine.families.bridges.pictures import fit_pictures
        from engine.families.bridges.transfer import fit_transfer

    if body == "trained":
        return fit_transfer(params, data, budget, progress)
    return fit_pictures(getattr(picture_networks, body), params, data, budget, progress)


def preview(
    pictures: npt.NDArray[np.uint8], params: Mapping[str, Any], seed: int = 0
) -> npt.NDArray[np.uint8]:
    """Return pictures (rows, height, width, 3) as a training step might see them; see `bridges.augment.preview`.

    params: those of `picture_params.AUGMENTATION`. Loads TensorFlow: for workers only.
    """
    with _quiet():
        from engine.families.bridges import augment

    return augment.preview(pictures, params, seed)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep to itself what TensorFlow says while it is loaded.

    It praises its fast convolutions (oneDNN, which other networks here turn off) in native code, whatever log level
    is asked for; without them a step takes two and a half times as long.
    """
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
