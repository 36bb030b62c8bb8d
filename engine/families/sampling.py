"""How many training rows a library that wants them all in memory is given."""

from __future__ import annotations

import math

import numpy as np

from engine.families.base import Floats, TrainingData
from engine.families.fitted import Doubles

#: Cells (rows × features) an in-memory family may read: 160 MB of float32; libraries copy it twice or thrice.
IN_MEMORY_CELLS = 40_000_000


def row_limit(features: int, max_rows: int, cells: int = IN_MEMORY_CELLS) -> int:
    """Return how many rows fit both limits, at least 1,000."""
    return max(1_000, min(max_rows, cells // max(1, features)))


def training_arrays(data: TrainingData, max_rows: int) -> tuple[Floats, Doubles]:
    """Return X (rows, F) and y (rows,), a spread sample of the training rows where they are too many."""
    return data.train.arrays(row_limit(math.prod(data.train.sample_shape), max_rows))


def validation_arrays(data: TrainingData, max_rows: int = 100_000) -> tuple[Floats, Doubles]:
    """Return X and y of the validation rows, a spread sample where they are too many; for early stopping."""
    return data.valid.arrays(row_limit(math.prod(data.valid.sample_shape), max_rows))


def log_loss(codes: Doubles, probabilities: Doubles) -> float:
    """Return the mean negative log-likelihood; codes (rows,), probabilities (rows, classes)."""
    chosen = probabilities[np.arange(len(codes)), codes.astype(np.int64)]
    return float(-np.log(np.clip(chosen, 1e-12, 1.0)).mean())


def squared_loss(values: Doubles, predicted: Doubles) -> float:
    """Return the mean squared error; values (rows,), predicted (rows, 1)."""
    return float(np.square(values - predicted[:, 0]).mean())
