"""The door from a family of networks for pictures to Keras: nothing heavy is imported before it is gone through."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from engine.families.base import Budget, Fitted, Progress, TrainingData

#: Names of the bodies in `bridges.picture_networks`.
BodyName = Literal["plain", "residual", "separable", "modern"]


def build_transfer(
    params: Mapping[str, Any], data: TrainingData, budget: Budget, progress: Progress
) -> Fitted:
    """Train a head on a network that others trained, and tune it; see `bridges.transfer.fit_transfer`."""
    _choose_backend()
    with _quiet():
        from engine.families.bridges.transfer import fit_transfer

    return fit_transfer(params, data, budget, progress)


def read_weights_file(network: str, path: Path, out: Path) -> int:
    """Read a file of weights into its network, and write them anew; see `bridges.weights_reading`. For workers only."""
    _choose_backend()
    with _quiet():
        from engine.families.bridges import weights_reading

    return weights_reading.read_weights_file(network, path, out)


def _choose_backend() -> None:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")


def build(
    body: BodyName, params: Mapping[str, Any], data: TrainingData, budget: Budget, progress: Progress
) -> Fitted:
    """Train a network with this body on varied pictures; see `bridges.pictures.fit_pictures`."""
    _choose_backend()
    with _quiet():
        from engine.families.bridges import picture_networks
        from engine.families.bridges.pictures import fit_pictures

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
