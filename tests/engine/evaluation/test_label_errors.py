"""Wrong labels are found where a model is sure of another class, and a weak model accuses nobody."""

from __future__ import annotations

import numpy as np
import pytest

from engine.evaluation.label_errors import label_suspects


def answered(truth: np.ndarray, sure: float, classes: int, seed: int = 0) -> np.ndarray:
    """Probabilities of about `sure` for the true class, the rest spread at random."""
    rng = np.random.default_rng(seed)
    rest = rng.dirichlet(np.ones(classes - 1), len(truth))
    own = np.clip(rng.normal(sure, 0.05, len(truth)), 0.01, 0.99)
    scores = np.zeros((len(truth), classes))
    for i, k in enumerate(truth):
        scores[i, np.arange(classes) != k] = rest[i] * (1 - own[i])
        scores[i, k] = own[i]
    return scores


@pytest.mark.parametrize("classes", [2, 3, 10])
def test_most_flipped_labels_are_found_and_no_others(classes: int) -> None:
    rng = np.random.default_rng(1)
    truth = rng.integers(0, classes, 600)
    given = truth.copy()
    flipped = rng.choice(600, 30, replace=False)
    given[flipped] = (truth[flipped] + 1) % classes
    found = label_suspects(given.astype(float), answered(truth, 0.9, classes))
    assert {one.place for one in found} <= set(flipped.tolist())
    assert len(found) >= 22
    assert all(one.suggested == truth[one.place] for one in found)


def test_the_most_doubtful_comes_first() -> None:
    y = np.array([0.0] * 10 + [1.0] * 10)
    scores = np.column_stack((1.0 - y, y)) * 0.8 + 0.1
    scores[3], scores[12] = (0.05, 0.95), (0.93, 0.07)
    assert [one.place for one in label_suspects(y, scores)] == [3, 12]


def test_a_model_that_guesses_accuses_nobody() -> None:
    rng = np.random.default_rng(2)
    y = rng.integers(0, 10, 500).astype(float)
    scores = rng.dirichlet(np.full(10, 3.0), 500)
    assert (scores.argmax(axis=1) != y).mean() > 0.8
    assert label_suspects(y, scores) == ()


def test_a_class_of_few_rows_sets_no_standard() -> None:
    y = np.array([0.0] * 20 + [1.0] * 3)
    scores = np.tile([0.9, 0.1], (23, 1))
    scores[20:] = (0.1, 0.9)
    scores[5] = (0.05, 0.95)
    assert label_suspects(y, scores) == ()
