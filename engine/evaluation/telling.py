"""What one number alone tells about the target: a picture's brightness or width should say little."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.evaluation.metrics import Floats

#: Ranges a number is cut into; each holds as many rows as any other.
RANGES = 32
#: A range with fewer rows names its class by chance.
ROWS_PER_RANGE = 10


@dataclass(frozen=True, kw_only=True)
class Told:
    """skill: 0 guessing … 1 perfect.   score, guessing: shares of rows named right; None for a number as target."""

    skill: float
    score: float | None = None
    guessing: float | None = None


def tell_alone(learned: tuple[Floats, Floats], asked: tuple[Floats, Floats], *, classes: int) -> Told:
    """Learn the target from ranges of one number, and measure on other rows how well that goes.

    learned, asked: values (rows,) and y (rows,), class index or value; missing values are NaN.   classes: how many, 0
    for a number as target.
    Returns: skill, the share of guessing's errors (or of the variance) that the number alone takes away.
    """
    values, y = learned
    known = np.isfinite(values)
    values, y = values[known], y[known]
    asked_values, truth = asked
    if not len(y) or not len(truth):
        return Told(skill=0.0)
    ranges = max(1, min(RANGES, len(y) // ROWS_PER_RANGE))
    edges = np.unique(np.quantile(values, np.linspace(0.0, 1.0, ranges + 1)[1:-1]))
    place = np.searchsorted(edges, values, side="right")
    asked_place = np.searchsorted(edges, np.nan_to_num(asked_values, nan=-np.inf), side="right")
    if not classes:
        counts = np.bincount(place, minlength=len(edges) + 1)
        means = np.bincount(place, weights=y, minlength=len(edges) + 1) / np.maximum(counts, 1)
        answers = np.where(counts > 0, means, y.mean())[asked_place]
        whole = float(((truth - y.mean()) ** 2).sum())
        left = float(((truth - answers) ** 2).sum())
        return Told(skill=max(0.0, 1.0 - left / whole) if whole > 0.0 else 0.0)
    table = np.zeros((len(edges) + 1, classes))
    np.add.at(table, (place, y.astype(np.int64)), 1.0)
    usual = table.sum(axis=0)
    answers = np.where(table.any(axis=1), (table + usual * 1e-9).argmax(axis=1), usual.argmax())
    score = float((answers[asked_place] == truth).mean())
    guessing = float((truth == usual.argmax()).mean())
    skill = (score - guessing) / (1.0 - guessing) if guessing < 1.0 else 0.0
    return Told(skill=max(0.0, skill), score=score, guessing=guessing)
