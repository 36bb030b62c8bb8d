"""Find labels that are probably wrong: the model is sure of another class, by that class's own standard."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.evaluation.metrics import Floats

#: The standard of a class that has fewer rows is chance.
FEWEST_ROWS = 5
#: A suggestion less sure than this is the model's own doubt: weak models reach low standards everywhere.
LEAST_SURE = 0.6


@dataclass(frozen=True, kw_only=True)
class Suspect:
    """A row whose label is doubted.   place: in the given rows.   suggested: index of the likelier class."""

    place: int
    suggested: int


def label_suspects(y: Floats, scores: Floats) -> tuple[Suspect, ...]:
    """Return the rows whose label is probably wrong, the most doubtful first.

    A class's standard is the mean probability that the model gives it where it is the label. A label is doubted when
    its own probability stays below its standard while another class, more probable than not, reaches its own.
    Shapes:  y (rows,) class index; scores (rows, classes) by a model that did not learn from these rows.
    Source:  Northcutt, Jiang & Chuang, Confident Learning: Estimating Uncertainty in Dataset Labels, JAIR 70, 2021:
             the off-diagonal of the confident joint, ranked by margin.
    """
    labels = y.astype(np.int64)
    rows, classes = np.arange(len(y)), scores.shape[1]
    own = scores[rows, labels]
    counts = np.bincount(labels, minlength=classes)
    sums = np.bincount(labels, weights=own, minlength=classes)
    standard = np.where(counts >= FEWEST_ROWS, sums / np.maximum(counts, 1), np.inf)
    reached = np.where(scores >= np.maximum(standard, LEAST_SURE), scores, -1.0)
    reached[rows, labels] = -1.0
    best = reached.argmax(axis=1)
    margin = reached[rows, best] - own
    doubted = np.flatnonzero((margin > 0.0) & (own < standard[labels]))
    order = doubted[np.argsort(-margin[doubted], kind="stable")]
    return tuple(Suspect(place=place, suggested=int(best[place])) for place in order.tolist())
