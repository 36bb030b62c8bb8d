"""Average finished models by weight, where that beats the best one on validation rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from engine.evaluation.metrics import Metric, metric
from engine.specs.training import ModelRecord, TaskSpec
from engine.training.feature_rows import Doubles
from engine.training.train import VALIDATION

#: Draws of the greedy search: weights are multiples of 1/20.
_DRAWS = 20
#: Most models in a blend, and models considered: each member makes the published file larger and slower.
_MEMBERS = 3
_CONSIDERED = 8
#: Validation rows below which a blend would be chosen by chance.
_LEAST_ROWS = 200
_MOST_ROWS = 100_000


def blend(records: Sequence[ModelRecord], models: Path, task: TaskSpec) -> tuple[Mapping[str, float], float]:
    """Return weights by candidate id, heaviest first, that sum to 1, and the blend's validation score.

    The best single model alone comes back when no blend beats it by a tenth of the bootstrap's spread, or
    there are too few validation rows.   models: folder with one folder per candidate.
    Source: Caruana et al., Ensemble Selection from Libraries of Models, ICML 2004: draw, with replacement,
    the model that helps the average most.
    """
    deciding = metric(task.metric)
    ranked = sorted(records, key=lambda r: -deciding.gain(r.score, over=0.0))[:_CONSIDERED]
    best = ranked[0]
    alone = {best.candidate.id: 1.0}
    y, first = _answers(models / best.candidate.id)
    if len(ranked) < 2 or len(y) < _LEAST_ROWS:
        return alone, best.score
    answers = [first, *(_answers(models / record.candidate.id)[1] for record in ranked[1:])]
    counts = _draw(y, answers, deciding)
    score = deciding.value(y, _average(answers, counts))
    if deciding.gain(score, over=deciding.value(y, first)) <= _margin(y, first, deciding):
        return alone, best.score
    shares = (counts / counts.sum()).tolist()
    weights = {one.candidate.id: share for one, share in zip(ranked, shares, strict=True)}
    return dict(sorted(((k, v) for k, v in weights.items() if v > 0), key=lambda kv: -kv[1])), score


def _draw(y: Doubles, answers: Sequence[Doubles], deciding: Metric) -> Doubles:
    """Return how often each model was drawn, by the best average met on the way."""
    counts = np.zeros(len(answers))
    counts[0] = 1
    best_counts, best_score = counts.copy(), deciding.value(y, answers[0])
    for _ in range(_DRAWS - 1):
        full = np.count_nonzero(counts) >= _MEMBERS
        trials = [
            (deciding.value(y, _average(answers, _more(counts, i))), i)
            for i in range(len(answers))
            if not full or counts[i] > 0
        ]
        score, chosen = max(trials, key=lambda trial: deciding.gain(trial[0], over=0.0))
        counts = _more(counts, chosen)
        if deciding.is_better(score, best_score):
            best_counts, best_score = counts.copy(), score
    return best_counts


def _more(counts: Doubles, position: int) -> Doubles:
    more = counts.copy()
    more[position] += 1
    return more


def _average(answers: Sequence[Doubles], counts: Doubles) -> Doubles:
    total = np.zeros_like(answers[0])
    for answer, count in zip(answers, counts, strict=True):
        if count:
            total += answer * (count / counts.sum())
    return total


def _margin(y: Doubles, scores: Doubles, deciding: Metric) -> float:
    """A tenth of the score's standard deviation over 20 resamples: less than that is noise."""
    rng = np.random.default_rng(0)
    draws = [rng.integers(0, len(y), len(y)) for _ in range(20)]
    return 0.1 * float(np.std([deciding.value(y[rows], scores[rows]) for rows in draws]))


def _answers(folder: Path) -> tuple[Doubles, Doubles]:
    """Return y (rows,) and scores (rows, outputs) of the validation rows, about 100,000 at most."""
    table = pq.read_table(folder / VALIDATION, filters=[("_set", "=", "valid")])
    names = [name for name in table.column_names if name.startswith("score_")]
    step = max(1, table.num_rows // _MOST_ROWS)
    scores = np.column_stack([table[name].to_numpy()[::step] for name in names])
    return table["_y"].to_numpy()[::step], scores
