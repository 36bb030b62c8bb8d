"""Mean 0 and deviation 1 on the training rows, by hand."""

from __future__ import annotations

import math

import pytest

from tests.engine.transforms.fitted import fit


def test_one_two_three_by_hand() -> None:
    fitted = fit([1.0, 2.0, 3.0], "standardise")
    deviation = math.sqrt(2 / 3)
    assert fitted.state == pytest.approx({"mean": 2.0, "scale": deviation})
    assert fitted.answers([1.0, 2.0, 3.0, 5.0]) == pytest.approx(
        [-1 / deviation, 0.0, 1 / deviation, 3 / deviation]
    )


def test_a_missing_number_counts_for_nothing_and_stays_missing() -> None:
    fitted = fit([1.0, None, 3.0], "standardise")
    assert fitted.state == {"mean": 2.0, "scale": 1.0}
    assert fitted.answers([None, 3.0]) == [None, 1.0]


@pytest.mark.parametrize("values", [[7.0] * 3, [0.1] * 1000, [16777216.0] * 3])
def test_a_constant_becomes_0_and_a_new_value_is_not_blown_up(values: list[float]) -> None:
    fitted = fit(values, "standardise")
    assert fitted.state["scale"] == 1.0
    assert fitted.answers([values[0], values[0] + 2]) == pytest.approx([0.0, 2.0], abs=1e-6)


def test_a_small_deviation_beside_a_large_mean_is_no_constant() -> None:
    assert fit([1_000_000.0, 1_000_001.0], "standardise").state["scale"] == pytest.approx(0.5)


def test_without_any_number_values_pass() -> None:
    assert fit([None, None], "standardise").answers([5.0, None]) == [5.0, None]
