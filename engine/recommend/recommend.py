"""Which configurations to try first on a data set, by what they did on the known data sets that are most like it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.families import CATALOGUE
from engine.recommend.durations import expected_seconds
from engine.recommend.knowledge import SCORE, Knowledge, KnownSet
from engine.recommend.merits import Doubles, Expected, expect, weights
from engine.recommend.meta import MetaFeatures
from engine.recommend.nearness import Near, distances
from engine.recommend.reasons import reason_for
from engine.specs.training import Candidate

#: Known sets that are named beside a recommendation.
NAMED = 3
#: Ties are broken the same way everywhere.
_PLACES = {member.name: place for place, member in enumerate(CATALOGUE)}
#: A configuration that fewer sets know says too little about a new one.
_FEWEST = 5

#: How far nearness reaches for an expected score: less far than for an order, since sets are not equally hard.
_SCORE_REACH = 0.3
#: The spread over all sets counts as much as half a set that is as near as can be: one near set promises nothing.
_SCORE_DOUBT = 0.5
#: How many deviations the range reaches to either side: four in five sets lie inside when they are left out.
_SCORE_DEVIATIONS = 1.3


@dataclass(frozen=True, kw_only=True)
class ScoreRange:
    """What a configuration is expected to score: its mean on known sets, the nearer counting more, and a range."""

    metric: str
    mean: float
    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class Recommendation:
    """One configuration to try.

    rank: 1 is to be tried first.  expected: share of the way from guessing to the best known model.
    score: None where no known set asks the same kind of question.  seconds: of processor, one training, on this
    machine.  reason: a sentence for a person.  nearest: the known sets most like this one, nearest first.
    """

    rank: int
    candidate: Candidate
    expected: Expected
    score: ScoreRange | None
    seconds: float
    reason: str
    nearest: tuple[Near, ...]


def recommend(
    meta: MetaFeatures, candidates: Sequence[Candidate], knowledge: Knowledge, *, speed: float = 1.0
) -> tuple[Recommendation, ...]:
    """Return the candidates in the order in which known data sets let expect them to do well, best first.

    Guessing, and what too few known sets have tried, is left out.
    candidates: what could be trained, such as what the families propose.
    speed: how often faster this machine is than the one that measured (see `speed.effort`).
    """
    sets = knowledge.sets
    apart = distances(meta, sets)
    weight = weights(apart)
    found: list[tuple[Expected, Candidate]] = []
    for candidate in candidates:
        expected = expect(candidate.id, sets, weight)
        if expected is not None and expected.known >= min(_FEWEST, len(sets)):
            found.append((expected, candidate))
    found.sort(key=lambda pair: (-pair[0].merit, _PLACES.get(pair[1].family, len(_PLACES)), pair[1].id))
    nearest = nearest_sets(sets, apart)
    near = tuple(Near(name=sets[place].name, distance=round(float(apart[place]), 3)) for place in nearest)
    return tuple(
        Recommendation(
            rank=rank,
            candidate=candidate,
            expected=expected,
            score=_score(candidate.id, meta, sets, weights(apart, _SCORE_REACH)),
            seconds=round((expected_seconds(candidate.id, meta, sets) or 0.0) / speed, 3),
            reason=reason_for(
                candidate.id, meta, [sets[place] for place in nearest], apart[nearest], expected, len(sets)
            ),
            nearest=near,
        )
        for rank, (expected, candidate) in enumerate(found, start=1)
    )


def nearest_sets(sets: Sequence[KnownSet], apart: Doubles) -> list[int]:
    """Return the places of the sets that are named, nearest first."""
    return sorted(range(len(sets)), key=lambda place: (float(apart[place]), sets[place].name))[:NAMED]


def _score(
    configuration: str, meta: MetaFeatures, sets: Sequence[KnownSet], weight: Doubles
) -> ScoreRange | None:
    places = [
        place
        for place, one in enumerate(sets)
        if one.meta.task == meta.task and configuration in one.measures
    ]
    if not places:
        return None
    scores = np.array([sets[place].measures[configuration].score for place in places])
    near = weight[places]
    mean = float(near @ scores / near.sum())
    away = (scores - mean) ** 2
    variance = float((near @ away + _SCORE_DOUBT * away.mean()) / (near.sum() + _SCORE_DOUBT))
    spread = _SCORE_DEVIATIONS * variance**0.5
    return ScoreRange(metric=SCORE[meta.task], mean=mean, low=mean - spread, high=min(1.0, mean + spread))
