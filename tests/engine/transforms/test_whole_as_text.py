"""Whole numbers as the names of categories."""

from __future__ import annotations

from tests.engine.transforms.fitted import fit


def test_a_whole_number_is_written_without_a_fraction() -> None:
    found = fit([1.0], "whole_as_text").answers([3.0, 0.0, -0.0, -12.0, 16_777_216.0])
    assert found == ["3", "0", "0", "-12", "16777216"]


def test_a_fraction_a_missing_and_a_huge_number_are_missing() -> None:
    assert fit([1.0], "whole_as_text").answers([2.5, None, 2.0**25, -3e38]) == [None] * 4


def test_it_serves_as_a_category() -> None:
    fitted = fit([1.0, 1.0, 2.0, 2.0], "whole_as_text", "one_hot")
    assert fitted.labels == ("=1", "=2")
    assert fitted.rows([2.0, 1.0, 1.5]) == [(0.0, 1.0), (1.0, 0.0), (0.0, 0.0)]
