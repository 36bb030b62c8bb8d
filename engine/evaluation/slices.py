"""Scores per value of the main categories: a good average may hide a group the model fails."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from engine.evaluation.bootstrap import metric_intervals
from engine.evaluation.metrics import Floats, Metric
from engine.specs.evaluation import SliceScore

#: Below this many rows a slice's interval is wider than anything it could show.
FEWEST_ROWS = 30
VALUES_PER_COLUMN = 6
MOST_COLUMNS = 6


def slice_scores(
    metric: Metric, y: Floats, scores: Floats, slices: Mapping[str, Any], *, seed: int
) -> tuple[SliceScore, ...]:
    """Return the metric per frequent value of the first columns of `slices`, the weakest one marked.

    Args:  slices: column → one text per row (numpy or Arrow, (rows,)), "" or None for missing; most
           interesting column first.
    """
    found = []
    for column, values in islice(slices.items(), MOST_COLUMNS):
        for value, rows in _frequent(values):
            score = metric.formula(y[rows], scores[rows])
            if score is not None:
                (interval,) = metric_intervals([metric], y[rows], scores[rows], seed=seed, quick=True)
                found.append(
                    SliceScore(column=column, value=value, rows=len(rows), score=score, interval=interval)
                )
    return _marked(metric, found, metric.value(y, scores))


def _frequent(values: Any) -> Iterator[tuple[str, npt.NDArray[np.int64]]]:
    """Yield each frequent value with its row numbers, most frequent first."""
    texts = pc.fill_null(pa.array(values, type=pa.string()), "").dictionary_encode()
    index = texts.indices.to_numpy(zero_copy_only=False)
    counts = np.bincount(index, minlength=len(texts.dictionary))
    if len(counts) < 2:
        return
    for position in np.argsort(-counts, kind="stable")[:VALUES_PER_COLUMN].tolist():
        if counts[position] >= FEWEST_ROWS:
            yield str(texts.dictionary[position].as_py()), np.flatnonzero(index == position)


def _marked(metric: Metric, found: list[SliceScore], whole: float) -> tuple[SliceScore, ...]:
    below = [part for part in found if _is_surely_below(metric, part, whole)]
    weakest = min(below, key=lambda part: metric.gain(part.score, whole), default=None)
    return tuple(replace(part, is_weakest=part is weakest) for part in found)


def _is_surely_below(metric: Metric, part: SliceScore, whole: float) -> bool:
    """Even the best end of the slice's interval is worse than the whole."""
    if part.interval is None:
        return False
    best = part.interval.high if metric.greater_is_better else part.interval.low
    return metric.is_better(whole, best)
