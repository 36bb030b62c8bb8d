"""Bounds hold what they promise: for many rows and few, for even errors and lopsided ones, and never without reason."""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt
import pytest

from engine.evaluation.margins import (
    FEWEST_ROWS,
    LEVEL,
    ROWS_PER_BAND,
    Floats,
    bounds_of,
    coverage,
    fit_margins,
)
from engine.specs.margins import Margins

MARGINS = Margins(level=0.9, edges=(1.0, 2.0), below=(0.5, 1.0, 2.0), above=(1.0, 0.25, 4.0), rows=300)


def lopsided(rows: int, seed: int) -> tuple[Floats, Floats]:
    """Answers from 1 to 10, and a truth whose errors grow with them and reach further up than down."""
    rng = np.random.default_rng(seed)
    predicted = rng.uniform(1.0, 10.0, rows)
    return predicted + 0.3 * predicted * (rng.exponential(size=rows) - 1.0), predicted[:, None]


def fitted(y: Floats, scores: Floats) -> Margins:
    margins = fit_margins(y, scores)
    assert margins is not None
    return margins


def test_bounds_hold_new_rows_everywhere_and_are_lopsided_where_errors_are() -> None:
    margins = fitted(*lopsided(4_000, seed=0))
    y, scores = lopsided(40_000, seed=1)
    assert len(margins.edges) + 1 == 16, "the cube root of 4,000"
    assert coverage(y, scores, margins).share == pytest.approx(LEVEL, abs=0.02)
    for low in range(1, 10):
        held = (scores[:, 0] >= low) & (scores[:, 0] < low + 1)
        assert coverage(y[held], scores[held], margins).share == pytest.approx(LEVEL, abs=0.05)
    assert margins.above[-1] > 3 * margins.above[0] and margins.above[9] > 1.5 * margins.below[9]


@pytest.mark.parametrize("rows", [FEWEST_ROWS, 40, 99])
def test_few_rows_promise_as_much_on_average(rows: int) -> None:
    """The finite-sample rank: without it 19 rows would hold 85 % only."""
    rng = np.random.default_rng(rows)
    held = []
    for _ in range(600):
        y = rng.normal(size=rows)
        margins = fitted(y, np.zeros((rows, 1)))
        new = rng.normal(size=200)
        held.append(np.mean((-margins.below[0] <= new) & (new <= margins.above[0])))
    assert LEVEL - 0.012 <= np.mean(held) <= LEVEL + 2.0 / (rows + 1) + 0.012


def test_too_few_rows_promise_nothing() -> None:
    assert FEWEST_ROWS == 19
    y = np.arange(FEWEST_ROWS, dtype=np.float64)
    assert fit_margins(y[1:], np.zeros((FEWEST_ROWS - 1, 1))) is None
    every = fitted(y, np.full((FEWEST_ROWS, 1), 9.0))
    assert (every.below, every.above) == ((9.0,), (9.0,)), "the bounds of 19 errors are the outermost"


def test_equal_answers_are_one_band_and_each_band_has_enough_rows() -> None:
    rng = np.random.default_rng(2)
    y = rng.normal(size=1_000)
    assert fitted(y, np.ones((1_000, 1))).edges == ()
    half = np.where(np.arange(1_000) < 500, 0.0, rng.uniform(1.0, 2.0, 1_000))[:, None]
    edges = np.array(fitted(y, half).edges)
    assert edges[0] == 0.0, "an edge belongs to the band below it"
    assert np.bincount(np.searchsorted(edges, half[:, 0].astype(np.float32))).min() >= ROWS_PER_BAND
    assert fitted(y[:199], half[:199]).edges == ()


def test_a_model_that_is_always_too_low_is_still_within_its_bounds() -> None:
    margins = fitted(np.linspace(5.0, 6.0, 50), np.zeros((50, 1)))
    assert margins.below == (0.0,) and margins.above[0] > 5.5


def test_each_answer_gets_the_margins_of_its_band() -> None:
    scores = np.array([[0.0], [1.0], [np.nextafter(np.float32(1.0), np.float32(2.0))], [2.0], [3.0]])
    found = bounds_of(scores, MARGINS)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, [[-0.5, 1], [0.5, 2], [0, 1.25], [1, 2.25], [1, 7]], atol=1e-6)


def test_what_is_no_number_has_no_bounds() -> None:
    assert np.isnan(bounds_of(np.array([[np.nan]]), MARGINS)).all()


def test_no_bound_is_below_what_was_never_below() -> None:
    y, scores = lopsided(300, seed=3)
    assert fitted(y, scores).floor == 0.0
    assert fitted(y - y.min() - 0.1, scores).floor is None
    floored = dataclasses.replace(MARGINS, floor=0.0)
    assert bounds_of(np.array([[0.25], [-0.1]]), floored)[:, 0].tolist() == [0.0, np.float32(-0.1)]


def test_coverage_counts_the_rows_between_the_bounds() -> None:
    y: npt.NDArray[np.float64] = np.array([-0.5, 1.0, 1.1, 3.0])
    found = coverage(y, np.zeros((4, 1)), MARGINS)
    assert (found.share, found.rows, found.level, found.mean_width) == (0.5, 4, 0.9, 1.5)
    assert found.interval.low < 0.5 < found.interval.high
