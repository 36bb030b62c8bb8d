"""The three scores, in numpy: one judge for every system's answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

#: A class held to be impossible costs 34.5 when it comes.
SMALLEST_PROBABILITY = 1e-15


def roc_auc(truth: Array, answers: Array) -> float:
    """Share of pairs ranked right.   truth: (rows,) 0 or 1.   answers: (rows, 2) probabilities."""
    scores = answers[:, 1]
    _, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    # Equal scores share the mean of their ranks.
    rank = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    positive = int(truth.sum())
    negative = len(truth) - positive
    if not positive or not negative:
        return float("nan")
    return float((rank[truth == 1].sum() - positive * (positive + 1) / 2) / (positive * negative))


def log_loss(truth: Array, answers: Array) -> float:
    """Mean -log of the true class's probability.   truth: (rows,) class numbers.   answers: (rows, classes)."""
    given = answers[np.arange(len(truth)), truth.astype(np.int64)]
    return float(-np.log(np.clip(given, SMALLEST_PROBABILITY, 1.0)).mean())


def rmse(truth: Array, answers: Array) -> float:
    """Root of the mean squared error.   truth: (rows,).   answers: (rows, 1)."""
    return float(np.sqrt(np.square(answers[:, 0] - truth).mean()))


SCORES: Mapping[str, Callable[[Array, Array], float]] = {
    "roc_auc": roc_auc,
    "log_loss": log_loss,
    "rmse": rmse,
}


def score(metric: str, truth: Array, answers: Array) -> float:
    """Return the score of answers, (rows, classes) or (rows, 1).

    Raises: ValueError when an answer is missing or not finite: what cannot be judged must not be averaged away.
    """
    if len(answers) != len(truth) or not np.isfinite(answers).all():
        raise ValueError(
            f"The answers cannot be judged. Expected {len(truth)} finite rows. Received {answers.shape}, "
            f"{int((~np.isfinite(answers)).any(axis=1).sum())} rows not finite."
        )
    return SCORES[metric](truth, answers.astype(np.float64))
