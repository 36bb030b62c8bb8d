"""Curves run from corner to corner, in at most 200 points, with the area the metric gives."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_curve

from engine.evaluation.curves import MOST_CURVES, MOST_POINTS, precision_recall_curves, roc_curves
from engine.evaluation.metrics import metric


def test_roc_is_thin_rising_and_close_to_the_full_curve() -> None:
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 5000).astype(float)
    p = 1.0 / (1.0 + np.exp(-(y * 2.0 - 1.0 + rng.normal(0.0, 1.5, 5000))))
    scores = np.column_stack((1 - p, p))
    (curve,) = roc_curves(y, scores, ("no", "yes"))
    x, up = np.array(curve.points).T
    assert curve.label == "yes" and len(x) <= MOST_POINTS
    assert curve.points[0] == (0.0, 0.0) and curve.points[-1] == (1.0, 1.0)
    assert (np.diff(x) >= 0).all() and (np.diff(up) >= 0).all()
    fpr, tpr, _ = roc_curve(y, p)
    inside = x > 0.01  # left of it the full curve climbs upright, which no function of x can follow
    assert np.abs(np.interp(x, fpr, tpr) - up)[inside].max() < 0.01
    assert curve.area == pytest.approx(metric("roc_auc").value(y, scores), abs=1e-12)
    assert np.trapezoid(up, x) == pytest.approx(curve.area, abs=0.005)


def test_precision_recall_ends_at_the_base_rate() -> None:
    rng = np.random.default_rng(1)
    y = (rng.random(1000) < 0.1).astype(float)
    p = rng.random(1000)
    (curve,) = precision_recall_curves(y, np.column_stack((1 - p, p)), ("no", "yes"))
    assert curve.points[0][0] == 0.0 and curve.points[-1][0] == 1.0
    assert curve.points[-1][1] == pytest.approx(y.mean(), abs=1e-4)


def test_tied_scores_make_one_step() -> None:
    y = np.array([0.0, 1.0, 0.0, 1.0])
    (curve,) = roc_curves(y, np.full((4, 2), 0.5), ("a", "b"))
    assert curve.points == ((0.0, 0.0), (1.0, 1.0)) and curve.area == 0.5


def test_many_classes_draw_the_most_frequent_ones_that_occur() -> None:
    rng = np.random.default_rng(2)
    y = np.repeat(np.arange(9), np.arange(9) * 10).astype(float)
    scores = rng.dirichlet(np.ones(9), len(y))
    labels = [curve.label for curve in roc_curves(y, scores, tuple("abcdefghi"))]
    assert labels == list("defghi") and len(labels) == MOST_CURVES


def test_one_class_only_has_no_curve() -> None:
    scores = np.full((5, 2), 0.5)
    assert roc_curves(np.zeros(5), scores, ("a", "b")) == ()
    assert precision_recall_curves(np.zeros(5), scores, ("a", "b")) == ()
