"""Reasons: near sets and what is alike are named; where nothing is near, that is said."""

from __future__ import annotations

import numpy as np

from engine.recommend.merits import Expected
from engine.recommend.reasons import FAR, reason_for, shared_trait
from engine.words import Words
from tests.engine.recommend.making import known, meta

EXPECTED = Expected(merit=0.8, low=0.7, high=0.9, known=2)
NEAR = [known("churn", 300, {"svm": 0.9, "knn": 0.8}), known("credit", 400, {"svm": 0.8, "knn": 0.9})]


def test_near_sets_and_what_is_alike_are_named() -> None:
    told = reason_for("svm", meta(200), NEAR, np.array([0.2, 0.4]), EXPECTED, 20)
    assert isinstance(told, Words)
    assert "churn, credit" in told and "few rows" in told and "88%" in told


def test_where_nothing_is_near_that_is_said() -> None:
    told = reason_for("svm", meta(200), NEAR, np.array([FAR + 1, FAR + 1]), EXPECTED, 20)
    assert "churn" not in told and "20" in told and "80%" in told


def test_a_near_set_that_never_tried_it_is_no_witness() -> None:
    others = [NEAR[0], known("other", 300, {"knn": 0.9})]
    assert "other" not in reason_for("svm", meta(200), others, np.array([0.1, 0.1]), EXPECTED, 2)


def test_a_trait_is_shared_by_all_or_not_named() -> None:
    assert shared_trait(meta(200), NEAR) == "few rows"
    assert shared_trait(meta(200), [*NEAR, known("large", 90_000, {"svm": 0.9})]) != "few rows"
