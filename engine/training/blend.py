"""Average finished models by weight, where that beats the best one on validation rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.evaluation.metrics import Metric
from engine.evaluation.thresholds import judge
from engine.families import CATALOGUE, family
from engine.specs.training import ModelRecord, TaskSpec
from engine.training.answers import judging_answers
from engine.training.feature_rows import Doubles, Ints
from engine.training.workshop import bodies

#: Draws of the greedy search: weights are multiples of 1/20.
_DRAWS = 20
#: Most models in a blend, and models considered: each member makes the published file larger and slower. Where models
#: were cross-validated rows are few and files small: a fourth member helped there.
_MEMBERS, _CROSSED_MEMBERS = 3, 4
_CONSIDERED = 8
_MOST_ROWS = 100_000
#: Bytes of all bodies in one published file: what a browser uploads and a server loads without thought.
MOST_BYTES = 90_000_000
#: What the simplest of the models that rows can't tell apart keeps of a blend's weight. On test rows of 27 small sets
#: (64 runs) a quarter lost 0.6 % less than half did: 9 sets better and 2 worse where it was chosen among 39 rules,
#: 6 and 3 where that was confirmed.
_SIMPLEST_SHARE = 0.25
#: Share of what the best model gains over guessing that another must gain to be averaged with it.
_LEAST_GAIN = 0.6
#: Share of the score's spread that a blend must gain: less is noise.
_NOISE = 0.1


def blend(records: Sequence[ModelRecord], models: Path, task: TaskSpec) -> tuple[Mapping[str, float], float]:
    """Return weights by candidate id, heaviest first, that sum to 1, and the blend's validation score.

    Many validation rows: the best single model alone comes back when no blend beats it by a tenth of the
    bootstrap's spread. Cross-validated models, judged on few rows: the simplest one that these rows can't tell from
    the best keeps a quarter of the weight, which chance among many models can't take from it.
    A model that would make the file larger than `MOST_BYTES` is not drawn.
    models: folder with one folder per candidate.
    Source: Caruana et al., Ensemble Selection from Libraries of Models, ICML 2004: draw, with replacement,
    the model that helps the average most. Within one standard error prefer the simpler: Breiman et al.,
    Classification and Regression Trees, 1984, section 3.4.3.
    """
    deciding = judge(task)
    ranked = sorted(records, key=lambda r: -deciding.gain(r.score, over=0.0))
    ranked = _worth_blending(ranked, deciding)[:_CONSIDERED]
    best = ranked[0]
    y, first = judging_answers(models / best.candidate.id, _MOST_ROWS)
    answers = [first, *(judging_answers(models / one.candidate.id, _MOST_ROWS)[1] for one in ranked[1:])]
    sizes = np.array(
        [sum(path.stat().st_size for path in bodies(models / one.candidate.id)) for one in ranked]
    )
    limits = _Limits(members=_CROSSED_MEMBERS if best.fold_scores else _MEMBERS, sizes=sizes)
    if best.fold_scores:
        counts = np.zeros(len(ranked))
        counts[_simplest(ranked, y, answers, deciding)] = _DRAWS * _SIMPLEST_SHARE
        counts = _draw(y, answers, deciding, counts, limits)
    else:
        counts = _draw(y, answers, deciding, np.eye(len(ranked))[0], limits)
        gain = deciding.gain(deciding.value(y, _average(answers, counts)), over=deciding.value(y, first))
        if gain <= _NOISE * _spread(y, first, deciding):
            return {best.candidate.id: 1.0}, best.score
    shares = np.round(counts / counts.sum(), 6).tolist()
    weights = {one.candidate.id: share for one, share in zip(ranked, shares, strict=True) if share > 0}
    score = deciding.value(y, _average(answers, counts))
    return dict(sorted(weights.items(), key=lambda pair: -pair[1])), score


def _worth_blending(ranked: Sequence[ModelRecord], deciding: Metric) -> list[ModelRecord]:
    """Return those of `ranked`, best first, that know something: guessing and what is little better have no share.

    Guessing only makes probabilities tamer, and nobody wants to read that a seventh of a model guesses. What was cut
    short long before it learned helps rows by chance alone.
    """
    blind = next((record for record in ranked if family(record.candidate.family).is_blind), None)
    if blind is None or blind is ranked[0]:
        return list(ranked)
    most = deciding.gain(ranked[0].score, over=blind.score)
    return [one for one in ranked if deciding.gain(one.score, over=blind.score) > _LEAST_GAIN * most]


def _simplest(ranked: Sequence[ModelRecord], y: Doubles, answers: Sequence[Doubles], deciding: Metric) -> int:
    """Return the place of the simplest model that is within one standard error of the best, which is first."""
    order = {member.name: place for place, member in enumerate(CATALOGUE)}
    resamples = _resamples(len(y))

    def is_as_good(place: int) -> bool:
        losses = [
            deciding.gain(
                deciding.value(y[rows], answers[0][rows]), deciding.value(y[rows], answers[place][rows])
            )
            for rows in resamples
        ]
        return deciding.gain(ranked[0].score, over=ranked[place].score) <= float(np.std(losses))

    as_good = [place for place in range(len(ranked)) if place == 0 or is_as_good(place)]
    return min(as_good, key=lambda place: (order[ranked[place].candidate.family], place))


@dataclass(frozen=True, kw_only=True)
class _Limits:
    """What a blend may hold.   members: different models at most.   sizes: of each model's bodies, bytes."""

    members: int
    sizes: Ints

    def allow(self, counts: Doubles, position: int) -> bool:
        """Say whether one more draw of the model at `position` keeps the blend within its limits."""
        if counts[position] > 0:
            return True
        drawn = counts > 0
        size = int(self.sizes[drawn].sum() + self.sizes[position])
        return int(np.count_nonzero(drawn)) < self.members and size <= MOST_BYTES


def _draw(
    y: Doubles, answers: Sequence[Doubles], deciding: Metric, counts: Doubles, limits: _Limits
) -> Doubles:
    """Return how often each model was drawn, by the best average met on the way.   counts: the draws to begin with."""
    best_counts, best_score = counts, deciding.value(y, _average(answers, counts))
    while counts.sum() < _DRAWS:
        trials = [
            (deciding.value(y, _average(answers, _more(counts, i))), i)
            for i in range(len(answers))
            if limits.allow(counts, i)
        ]
        score, chosen = max(trials, key=lambda trial: deciding.gain(trial[0], over=0.0))
        counts = _more(counts, chosen)
        if deciding.is_better(score, best_score):
            best_counts, best_score = counts, score
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
    """Return the score's standard deviation over the resamples."""
    return float(np.std([deciding.value(y[rows], scores[rows]) for rows in _resamples(len(y))]))


def _resamples(count: int) -> list[Ints]:
    """Return 20 bootstrap resamples of row positions."""
    rng = np.random.default_rng(0)
    return [rng.integers(0, count, count) for _ in range(20)]
