"""Weights by lot of the smallest network that others trained, as if they had been imported."""

from __future__ import annotations

import os
import tempfile
from functools import cache
from pathlib import Path

import numpy as np

from engine.families.trained_networks import BY_NAME
from engine.families.weights import Weights, note_weights, sha256_of

SMALL = "mobilenet_v2_035"


@cache
def weights_folder() -> Path:
    """Return a folder of weights by lot of `SMALL`, made once in a process."""
    import keras

    from engine.families.bridges.trained_bodies import application

    folder = Path(tempfile.mkdtemp(prefix="aimass-weights-", dir=os.environ.get("HOME")))
    keras.utils.set_random_seed(0)
    file = folder / f"{SMALL}.npz"
    arrays = [variable.value.numpy() for variable in application(BY_NAME[SMALL], (32, 32, 3)).weights]
    np.savez(file, **{f"{position:04d}": array for position, array in enumerate(arrays)})
    note_weights(
        folder,
        Weights(
            network=SMALL,
            file=file.name,
            sha256=sha256_of(file),
            bytes=file.stat().st_size,
            original=file.name,
            original_sha256=sha256_of(file),
            added_at="2026-11-23T12:00:00+00:00",
            added_by="lot",
        ),
    )
    return folder
