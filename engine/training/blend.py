"""Average finished models by weight, where that beats the best one on validation rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from engine.evaluation.metrics import Metric, metric
from engine.specs.training import ModelRecord, TaskSpec
from engine.training.answers import judging_answers
from engine.training.feature_rows import Doubles

#: Draws of the greedy search: weights are multiples of 1/20.
_DRAWS = 20
#: Most models in a blend, and models considered: each member makes the published file larger and slower. Where models
#: were cross-validated they are small, and a fourth helped: of the gain over guessing, 38 runs on 19 public tables
#: kept 100.0 % of the best model's with four members, 99.9 % with three, 97.9 % with the best alone.
_MEMBERS, _CROSSED_MEMBERS = 3, 4
_CONSIDERED = 8
_MOST_ROWS = 100_000
#: Share of the score's spread that a blend must gain: less is noise.
_NOISE = 0.1


def blend(records: Sequence[ModelRecord], models: Path, task: TaskSpec) -> tuple[Mapping[str, float], float]:
    """Return weights by candidate id, heaviest first, that sum to 1, and the blend's validation score.

    The best single model alone comes back when no blend beats it by a tenth of the bootstrap's spread.
    models: folder with one folder per candidate.
    Source: Caruana et al., Ensemble Selection from Libraries of Models, ICML 2004: draw, with replacement,
    the model that helps the average most.
    """
    deciding = metric(task.metric)
    ranked = sorted(records, key=lambda r: -deciding.gain(r.score, over=0.0))[:_CONSIDERED]
    best = ranked[0]
    alone = {best.candidate.id: 1.0}
    y, first = judging_answers(models / best.candidate.id, _MOST_ROWS)
    if len(ranked) < 2:
        return alone, best.score
    answers = [
        first,
        *(judging_answers(models / record.candidate.id, _MOST_ROWS)[1] for record in ranked[1:]),
    ]
    counts = _draw(y, answers, deciding, _CROSSED_MEMBERS if best.fold_scores else _MEMBERS)
    score = deciding.value(y, _average(answers, counts))
    if deciding.gain(score, over=deciding.value(y, first)) <= _NOISE * _spread(y, first, deciding):
        return alone, best.score
    shares = (counts / counts.sum()).tolist()
    weights = {one.candidate.id: share for one, share in zip(ranked, shares, strict=True)}
    return dict(sorted(((k, v) for k, v in weights.items() if v > 0), key=lambda kv: -kv[1])), score


def _draw(y: Doubles, answers: Sequence[Doubles], deciding: Metric, members: int) -> Doubles:
    """Return how often each model was drawn, by the best average met on the way.   members: different ones at most."""
    counts = np.zeros(len(answers))
    counts[0] = 1
    best_counts, best_score = counts.copy(), deciding.value(y, answers[0])
    for _ in range(_DRAWS - 1):
        full = np.count_nonzero(counts) >= members
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
