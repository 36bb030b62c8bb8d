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
#: Validation rows below which searched weights would be chosen by chance: two families are averaged evenly then.
_LEAST_ROWS = 400
_MOST_ROWS = 100_000
#: Share of the score's spread that a blend must gain: less is noise.
_NOISE = 0.1


def blend(records: Sequence[ModelRecord], models: Path, task: TaskSpec) -> tuple[Mapping[str, float], float]:
    """Return weights by candidate id, heaviest first, that sum to 1, and the blend's validation score.

    The best single model alone comes back when no blend beats it by a tenth of the bootstrap's spread. With few
    validation rows nothing is searched: the best model and the best of another family count half each, if the
    rows can't tell them apart.   models: folder with one folder per candidate.
    Source: Caruana et al., Ensemble Selection from Libraries of Models, ICML 2004: draw, with replacement,
    the model that helps the average most. Even weights for few rows: Smith & Wallis, A Simple Explanation of the
    Forecast Combination Puzzle, Oxford Bulletin of Economics and Statistics 71, 2009.
    """
    deciding = metric(task.metric)
    ranked = sorted(records, key=lambda r: -deciding.gain(r.score, over=0.0))[:_CONSIDERED]
    best = ranked[0]
    alone = {best.candidate.id: 1.0}
    y, first = _answers(models / best.candidate.id)
    if len(ranked) < 2:
        return alone, best.score
    if len(y) < _LEAST_ROWS:
        return _even_pair(ranked, models, deciding) or (alone, best.score)
    answers = [first, *(_answers(models / record.candidate.id)[1] for record in ranked[1:])]
    counts = _draw(y, answers, deciding)
    score = deciding.value(y, _average(answers, counts))
    if deciding.gain(score, over=deciding.value(y, first)) <= _NOISE * _spread(y, first, deciding):
        return alone, best.score
    shares = (counts / counts.sum()).tolist()
    weights = {one.candidate.id: share for one, share in zip(ranked, shares, strict=True)}
    return dict(sorted(((k, v) for k, v in weights.items() if v > 0), key=lambda kv: -kv[1])), score


def _even_pair(
    ranked: Sequence[ModelRecord], models: Path, deciding: Metric
) -> tuple[Mapping[str, float], float] | None:
    """Return the best model and the best of another family, half each; None when the second is clearly worse."""
    best = ranked[0]
    other = next((one for one in ranked if one.candidate.family != best.candidate.family), None)
    if other is None:
        return None
    (y, first), (_, second) = (_answers(models / one.candidate.id) for one in (best, other))
    if deciding.gain(best.score, over=other.score) > _spread(y, first, deciding):
        return None
    score = deciding.value(y, (first + second) / 2)
    return {best.candidate.id: 0.5, other.candidate.id: 0.5}, score


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


def _spread(y: Doubles, scores: Doubles, deciding: Metric) -> float:
    """Return the score's standard deviation over 20 resamples."""
    rng = np.random.default_rng(0)
    draws = [rng.integers(0, len(y), len(y)) for _ in range(20)]
    return float(np.std([deciding.value(y[rows], scores[rows]) for rows in draws]))


def _answers(folder: Path) -> tuple[Doubles, Doubles]:
    """Return y (rows,) and scores (rows, outputs) of the validation rows, about 100,000 at most."""
    table = pq.read_table(folder / VALIDATION, filters=[("_set", "=", "valid")])
    names = [name for name in table.column_names if name.startswith("score_")]
    step = max(1, table.num_rows // _MOST_ROWS)
    scores = np.column_stack([table[name].to_numpy()[::step] for name in names])
    return table["_y"].to_numpy()[::step], scores
