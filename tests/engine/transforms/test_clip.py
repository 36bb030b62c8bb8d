"""Limits from quantiles and from quartiles, by hand."""

from __future__ import annotations

from tests.engine.transforms.fitted import fit

ZERO_TO_100 = [float(i) for i in range(101)]


def test_quantiles_limit_both_ends() -> None:
    fitted = fit(ZERO_TO_100, "clip", share=0.1)
    assert fitted.answers([-5.0, 10.0, 50.0, 90.0, 1e30]) == [10.0, 10.0, 50.0, 90.0, 90.0]


def test_a_share_of_0_limits_to_what_training_held() -> None:
    assert fit([3.0, 7.0], "clip", share=0.0).answers([2.0, 5.0, 8.0]) == [3.0, 5.0, 7.0]


def test_robust_limits_are_the_quartiles_widened_by_their_distance() -> None:
    fitted = fit(ZERO_TO_100, "clip", method="robust", reach=1.0)
    assert fitted.state == {"low": -25.0, "high": 125.0}
    assert fitted.answers([-26.0, 0.0, 126.0]) == [-25.0, 0.0, 125.0]


def test_missing_stays_missing() -> None:
    assert fit([1.0, None, 2.0], "clip").answers([None]) == [None]


def test_without_any_number_nothing_is_limited() -> None:
    assert fit([None], "clip").answers([-(2.0**127), 2.0**127]) == [-(2.0**127), 2.0**127]
