"""In-memory families read no more than fits."""

from __future__ import annotations

import numpy as np
import pytest

from engine.families.sampling import (
    log_loss,
    row_limit,
    squared_loss,
    training_arrays,
    validation_arrays,
)
from tests.engine.made_rows import made_data


@pytest.mark.parametrize(
    ("features", "rows", "expected"),
    [(10, 500, 1_000), (10, 100_000, 100_000), (1_000, 100_000, 40_000), (10**6, 10**6, 1_000)],
)
def test_the_limit_holds_rows_and_cells(features: int, rows: int, expected: int) -> None:
    assert row_limit(features, rows) == expected


def test_arrays_are_whole_when_they_fit() -> None:
    data = made_data("linear", "binary")
    assert len(training_arrays(data, 10_000)[0]) == data.train.rows
    assert len(validation_arrays(data)[0]) == data.valid.rows


def test_losses_are_known_values() -> None:
    assert log_loss(np.array([0.0, 1.0]), np.array([[0.5, 0.5], [0.5, 0.5]])) == pytest.approx(np.log(2))
    assert squared_loss(np.array([1.0, 2.0]), np.array([[1.0], [4.0]])) == 2.0
