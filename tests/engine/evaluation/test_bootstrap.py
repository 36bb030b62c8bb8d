"""Intervals cover what they promise, follow the seed, and compare two models on the same rows."""

from __future__ import annotations

import numpy as np
import pytest

from engine.evaluation.bootstrap import SCORES_PER_DRAW, compare, metric_intervals
from engine.evaluation.metrics import Floats, metric


def binary_rows(rows: int, seed: int, shift: float = 1.0) -> tuple[Floats, Floats]:
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, rows).astype(np.float64)
    p = 1.0 / (1.0 + np.exp(-(shift * (2 * y - 1) + rng.normal(0, 1.5, rows))))
    return y, np.column_stack((1 - p, p))


def test_accuracy_interval_agrees_with_the_binomial() -> None:
    y, scores = binary_rows(1000, 1)
    m = metric("accuracy")
    (interval,) = metric_intervals([m], y, scores, seed=0)
    share = m.value(y, scores)
    half = 1.96 * np.sqrt(share * (1 - share) / 1000)
    assert interval is not None
    assert interval.low == pytest.approx(share - half, abs=0.15 * half)
    assert interval.high == pytest.approx(share + half, abs=0.15 * half)


def test_rows_too_many_to_draw_whole_keep_the_right_width() -> None:
    rows = 4 * SCORES_PER_DRAW
    y, scores = binary_rows(rows, 2)
    m = metric("accuracy")
    (interval,) = metric_intervals([m], y, scores, seed=0)
    share = m.value(y, scores)
    width = 2 * 1.96 * np.sqrt(share * (1 - share) / rows)
    assert interval is not None
    assert interval.low < share < interval.high
    assert interval.high - interval.low == pytest.approx(width, rel=0.25)


@pytest.mark.slow
def test_intervals_cover_the_truth_about_95_times_in_100() -> None:
    y, scores = binary_rows(200_000, 3)
    truth = metric("roc_auc").value(y, scores)
    covered = 0
    for start in range(0, 20_000, 200):
        part = slice(start, start + 200)
        (interval,) = metric_intervals([metric("roc_auc")], y[part], scores[part], seed=start, quick=True)
        assert interval is not None
        covered += interval.low <= truth <= interval.high
    assert 88 <= covered <= 99


@pytest.mark.slow
def test_same_seed_same_interval() -> None:
    y, scores = binary_rows(300, 4)
    metrics = [metric("roc_auc"), metric("log_loss")]
    assert metric_intervals(metrics, y, scores, seed=9) == metric_intervals(metrics, y, scores, seed=9)
    assert metric_intervals(metrics, y, scores, seed=9) != metric_intervals(metrics, y, scores, seed=8)


def test_one_class_has_no_ranking_interval() -> None:
    scores = np.column_stack((np.linspace(0, 1, 50), np.linspace(1, 0, 50)))
    auc, accuracy = metric_intervals([metric("roc_auc"), metric("accuracy")], np.zeros(50), scores, seed=0)
    assert auc is None and accuracy is not None


def test_intervals_stay_in_the_range_of_the_metric() -> None:
    y, scores = binary_rows(60_000, 5, shift=9.0)
    for interval in metric_intervals([metric("roc_auc"), metric("brier")], y, scores, seed=0):
        assert interval is not None and 0.0 <= interval.low <= interval.high <= 1.0


def test_a_model_against_itself_gains_nothing() -> None:
    y, scores = binary_rows(500, 6)
    same = compare(metric("roc_auc"), y, scores, scores, other="linear", seed=0)
    assert same.other == "linear" and same.gain == 0.0
    assert same.interval is not None and same.interval.low == same.interval.high == 0.0


def test_gain_is_positive_when_an_error_shrinks() -> None:
    y = np.random.default_rng(7).normal(size=400)
    better = compare(metric("rmse"), y, y[:, None] + 0.1, np.zeros((400, 1)), other="baseline", seed=0)
    assert better.interval is not None
    assert 0.0 < better.interval.low < better.gain < better.interval.high
