"""Shares of the training rows, by hand."""

from __future__ import annotations

from tests.engine.transforms.fitted import fit

COLOURS = ["red", "red", "red", "蓝", None]


def test_shares_of_all_rows_missing_ones_included() -> None:
    assert fit(COLOURS, "frequency").answers(["red", "蓝", None]) == [0.6, 0.2, 0.2]


def test_an_unseen_category_has_share_0() -> None:
    assert fit(COLOURS, "frequency").answers(["green", "Red", "re"]) == [0.0, 0.0, 0.0]


def test_categories_beyond_the_limit_count_as_unseen() -> None:
    assert fit(COLOURS, "frequency", max_keys=1).answers(["red", "蓝"]) == [0.6, 0.0]
