"""The order of the index, and the places of missing, rare and unseen categories."""

from __future__ import annotations

import pytest

from tests.engine.transforms.fitted import fit

# b ×3, a ×2, c ×2, "rare" ×1, missing ×2
LETTERS = ["a", "b", "c", "b", "a", "b", "c", "rare", None, None]


def test_most_frequent_first_and_ties_by_name() -> None:
    fitted = fit(LETTERS, "index")
    assert fitted.answers(["b", "a", "c"]) == [1.0, 2.0, 3.0]
    assert fitted.cardinality == 5


def test_missing_is_0_and_rare_and_unseen_share_the_last_place() -> None:
    assert fit(LETTERS, "index").answers([None, "rare", "unseen", "B"]) == [0.0, 4.0, 4.0, 4.0]


def test_no_more_keys_than_allowed() -> None:
    fitted = fit(LETTERS, "index", max_keys=1)
    assert fitted.answers(["b", "a"]) == [1.0, 2.0]
    assert fitted.cardinality == 3


@pytest.mark.parametrize("classes", [0, 2])
def test_by_the_mean_of_the_target(classes: int) -> None:
    y = [1, 0, 1, 0, 1, 0, 0, 0, 0, 0]
    fitted = fit(LETTERS, "index", order="target", y=y, classes=classes)
    assert fitted.answers(["b", "c", "a"]) == [1.0, 2.0, 3.0]


def test_a_small_category_is_drawn_to_the_overall_mean() -> None:
    # Mean of x is 1 over 2 rows, of y 0.9 over 100: smoothed over 10 rows x comes out lower.
    values = ["x"] * 2 + ["y"] * 100 + ["z"] * 100
    targets = [1] * 2 + [1] * 90 + [0] * 10 + [0] * 100
    fitted = fit(values, "index", order="target", y=targets, classes=2)
    assert fitted.answers(["z", "x", "y"]) == [1.0, 2.0, 3.0]


def test_three_classes_have_no_order_by_target() -> None:
    y = [2, 0, 1, 0, 2, 0, 1, 0, 0, 0]
    fitted = fit(LETTERS, "index", order="target", y=y, classes=3)
    assert fitted.state == fit(LETTERS, "index").state
