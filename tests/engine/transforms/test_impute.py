"""What a missing number becomes, by hand."""

from __future__ import annotations

import pytest

from tests.engine.transforms.fitted import fit


@pytest.mark.parametrize(
    ("strategy", "fill"), [("median", 2.5), ("mean", 4.0), ("most_frequent", 2.0), ("constant", -9.0)]
)
def test_the_fill_by_hand(strategy: str, fill: float) -> None:
    fitted = fit([3.0, 2.0, None, 2.0, 9.0], "impute", strategy=strategy, fill=-9.0)
    assert fitted.answers([None, 5.0, 0.0]) == [fill, 5.0, 0.0]


def test_of_equally_frequent_numbers_the_smallest_is_taken() -> None:
    assert fit([4.0, 1.0, 4.0, 1.0, 8.0], "impute", strategy="most_frequent").state == {"fill": 1.0}


@pytest.mark.parametrize("strategy", ["median", "mean", "most_frequent"])
def test_without_any_number_the_fill_is_0(strategy: str) -> None:
    assert fit([None, None], "impute", strategy=strategy).answers([None]) == [0.0]
