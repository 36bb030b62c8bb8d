"""Places and ticks: inside the drawing, at round numbers, for any range."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.report.scale import Scale, round_values, spread


def test_values_are_placed_in_proportion_and_kept_inside() -> None:
    scale = Scale(low=0.0, high=10.0, start=100.0, end=0.0)
    assert [scale(value) for value in (0.0, 5.0, 10.0, 99.0, -1.0)] == [100.0, 50.0, 0.0, 0.0, 100.0]
    assert Scale(low=1.0, high=1.0, start=0.0, end=10.0)(1.0) == 5.0
    assert [tick.text for tick in scale.ticks()] == ["0", "2", "4", "6", "8", "10"]


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(0.0, 1.0, (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)), (3.0, 47.0, (10.0, 20.0, 30.0, 40.0)), (5.0, 5.0, (5.0,))],
)
def test_round_values(low: float, high: float, expected: tuple[float, ...]) -> None:
    assert round_values(low, high) == expected


@given(low=st.floats(-1e12, 1e12), width=st.floats(1e-3, 1e12))
def test_ticks_are_few_and_inside(low: float, width: float) -> None:
    values = round_values(low, low + width)
    assert len(values) <= 7 and all(math.isfinite(value) for value in values)
    slack = 1e-6 * (abs(low) + width)
    assert all(low - slack <= value <= low + width + slack for value in values)


def test_spread_leaves_air_even_around_one_value() -> None:
    assert spread([0.0, 10.0], margin=0.1) == (-1.0, 11.0)
    low, high = spread([5.0])
    assert low < 5.0 < high
    low, high = spread([0.0])
    assert low < 0.0 < high
