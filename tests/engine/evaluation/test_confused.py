"""The pairs behind most errors come first, in the direction that is the more frequent."""

from __future__ import annotations

import numpy as np
import pytest

from engine.evaluation.confused import mixups

COUNTS = np.array([[80, 15, 5], [10, 88, 2], [1, 0, 99]])


def test_the_most_frequent_pair_is_first_and_named_once() -> None:
    first, second = mixups(COUNTS, 5)[:2]
    assert (first.actual, first.answered, first.rows, first.back, first.of) == (0, 1, 15, 10, 100)
    assert first.either == pytest.approx(25 / 200)
    assert (second.actual, second.answered, second.rows, second.back) == (0, 2, 5, 1)


def test_chance_spreads_errors_over_all_other_classes() -> None:
    (first,) = mixups(COUNTS, 1)
    assert first.expected == pytest.approx((20 + 12) / 2)


def test_a_single_mistake_is_no_mix_up() -> None:
    assert mixups(np.array([[9, 1], [0, 10]]), 5) == ()
    assert mixups(np.diag([5, 5]), 5) == ()


def test_two_classes_that_are_mixed_up_evenly_are_one_pair() -> None:
    (pair,) = mixups(np.array([[5, 5], [5, 5]]), 5)
    assert (pair.actual, pair.answered, pair.rows, pair.back) == (0, 1, 5, 5)
