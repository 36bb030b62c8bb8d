"""The signed logarithm at known points."""

from __future__ import annotations

import math

import pytest

from tests.engine.transforms.fitted import fit


def test_known_points() -> None:
    found = fit([1.0], "log").answers([0.0, 1.0, -1.0, 999.0, -999.0])
    assert found == pytest.approx([0.0, math.log(2), -math.log(2), math.log(1000), -math.log(1000)])


def test_missing_stays_missing() -> None:
    assert fit([1.0], "log").answers([None]) == [None]
