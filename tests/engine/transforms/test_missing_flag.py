"""Only a missing number is flagged."""

from __future__ import annotations

import math

from tests.engine.transforms.fitted import fit


def test_missing_is_1_and_any_number_0() -> None:
    assert fit([1.0, None], "missing_flag").answers([None, 0.0, -1.5, 3e38]) == [1.0, 0.0, 0.0, 0.0]


def test_what_is_no_number_counts_as_missing() -> None:
    assert fit([1.0], "missing_flag").answers([math.nan, math.inf, -math.inf]) == [1.0, 1.0, 1.0]
