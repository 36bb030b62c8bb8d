"""Merits: shares of the way from guessing to the best known, near sets counting more, few sets pulled to the mean."""

from __future__ import annotations

import numpy as np
import pytest

from engine.recommend.knowledge import KnownSet, Measure
from engine.recommend.merits import expect, merit, weights
from tests.engine.recommend.making import known, meta


def test_the_best_known_has_all_and_guessing_none() -> None:
    one = known("a", 100, {"svm": 0.9, "linear": 0.7, "knn": 0.5, "broken": 0.1})
    assert [round(merit(one, measure), 6) for measure in one.measures.values()] == [1.0, 0.5, 0.0, -1.0]


def test_where_nobody_beats_guessing_the_best_have_all() -> None:
    flat = KnownSet(
        name="noise",
        meta=meta(),
        guess=Measure(score=0.5, decider=0.5, seconds=0),
        measures={
            "svm": Measure(score=0.5, decider=0.5, seconds=1),
            "knn": Measure(score=0.4, decider=0.4, seconds=1),
        },
    )
    assert [merit(flat, one) for one in flat.measures.values()] == [1.0, 0.0]


def test_near_sets_count_more_and_all_sets_pull() -> None:
    sets = [known("near", 100, {"svm": 0.9, "knn": 0.7}), known("far", 100, {"svm": 0.7, "knn": 0.9})]
    weight = weights(np.array([0.0, 5.0]))
    assert weight[0] == pytest.approx(1.0) and weight[1] < 1e-6
    alone, pulled = expect("svm", sets, weight, pull=0.0), expect("svm", sets, weight, pull=1e6)
    assert alone is not None and alone.merit == pytest.approx(1.0)
    assert pulled is not None and pulled.merit == pytest.approx(0.75, abs=1e-3)
    assert pulled.low < pulled.merit < pulled.high <= 1.0 and pulled.known == 2


def test_what_no_set_knows_is_not_expected() -> None:
    assert expect("mlp", [known("a", 100, {"svm": 0.9})], weights(np.zeros(1))) is None
