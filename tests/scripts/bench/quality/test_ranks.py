"""Ties, ranks, wins and losses."""

from __future__ import annotations

import pytest

from scripts.bench.quality.ranks import Duel, Score, compare, duel, gain, mean_ranks, ranks


@pytest.mark.parametrize(
    ("ours", "theirs", "greater", "outcome"),
    [
        (0.9, 0.8, True, 1),
        (0.9, 0.8, False, -1),
        (0.9000, 0.9005, True, 0),
        (0.9000, 0.9010, True, -1),
        (50_000.0, 50_040.0, False, 0),
        (0.0, 0.0, False, 0),
        (0.0, 1e-9, False, 1),
        (None, 0.1, True, -1),
        (0.1, None, False, 1),
        (None, None, True, 0),
    ],
)
def test_a_tie_is_within_a_thousandth(ours: Score, theirs: Score, greater: bool, outcome: int) -> None:
    assert compare(ours, theirs, greater_is_better=greater) == outcome
    assert compare(theirs, ours, greater_is_better=greater) == -outcome


def test_ranks_share_a_place_in_a_tie() -> None:
    scores = {"a": 0.9, "b": 0.9001, "c": 0.8, "d": None}
    assert ranks(scores, greater_is_better=True) == {"a": 1.5, "b": 1.5, "c": 3.0, "d": 4.0}
    assert ranks(scores, greater_is_better=False) == {"a": 2.5, "b": 2.5, "c": 1.0, "d": 4.0}


def test_ranks_sum_to_the_same_whatever_ties() -> None:
    # a ties with b and b with c, a beats c.
    chain = ranks({"a": 1.0012, "b": 1.0006, "c": 1.0}, greater_is_better=True)
    assert chain == {"a": 1.5, "b": 2.0, "c": 2.5}


def test_mean_ranks_are_over_the_sets() -> None:
    assert mean_ranks([{"a": 1.0, "b": 2.0}, {"a": 2.0, "b": 1.0}, {"a": 1.0, "b": 2.0}]) == {
        "a": pytest.approx(4 / 3),
        "b": pytest.approx(5 / 3),
    }
    assert mean_ranks([]) == {}


def test_a_duel_counts_wins_ties_and_losses() -> None:
    found = duel([1, 0, -1, 1])
    assert found == Duel(wins=2, ties=1, losses=1)
    assert found.share == 0.75


@pytest.mark.parametrize(
    ("ours", "theirs", "greater", "expected"),
    [
        (0.88, 0.8, True, 0.1),
        (0.72, 0.8, True, -0.1),
        (0.9, 1.0, False, 0.1),
        (1.1, 1.0, False, -0.1),
        (0, 0, True, 0),
    ],
)
def test_gain_is_relative_to_theirs(ours: float, theirs: float, greater: bool, expected: float) -> None:
    assert gain(ours, theirs, greater_is_better=greater) == pytest.approx(expected)
