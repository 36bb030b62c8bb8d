"""Columns per category, and what becomes of rare, unseen and missing values."""

from __future__ import annotations

from tests.engine.transforms.fitted import fit


def test_frequent_categories_then_others_then_missing() -> None:
    fitted = fit(["a", "b", "b", "a", "b", "rare", None], "one_hot")
    assert fitted.labels == ("=b", "=a", "=(other)", "=(missing)")
    assert fitted.rows(["b", "a", "rare", None]) == [
        (1.0, 0.0, 0.0, 0.0),
        (0.0, 1.0, 0.0, 0.0),
        (0.0, 0.0, 1.0, 0.0),
        (0.0, 0.0, 0.0, 1.0),
    ]


def test_an_unseen_category_counts_as_a_rare_one() -> None:
    assert fit(["a", "a", "rare"], "one_hot").rows(["unseen", "A"]) == [(0.0, 1.0)] * 2


def test_unseen_and_missing_are_0_everywhere_when_training_held_no_such_rows() -> None:
    fitted = fit(["a", "a", "b", "b"], "one_hot")
    assert fitted.labels == ("=a", "=b")
    assert fitted.rows(["unseen", None]) == [(0.0, 0.0)] * 2


def test_only_the_top_categories_have_a_column() -> None:
    fitted = fit(["a"] * 3 + ["b"] * 2, "one_hot", top=1)
    assert fitted.labels == ("=a", "=(other)")
    assert fitted.rows(["b"]) == [(0.0, 1.0)]


def test_a_category_called_like_our_own_label_is_a_category() -> None:
    fitted = fit(["(missing)", "(missing)", None], "one_hot")
    assert fitted.labels == ("=(missing)", "=(missing)")
    assert fitted.rows(["(missing)", None]) == [(1.0, 0.0), (0.0, 1.0)]


def test_hostile_categories_are_told_apart() -> None:
    names = ["it's", 'say "hi"', "a\\b", "; DROP TABLE t", "a\0b", "红\n"]
    fitted = fit(names * 2, "one_hot")
    identity = [tuple(float(i == j) for j in range(6)) for i in range(6)]
    assert fitted.rows([label.removeprefix("=") for label in fitted.labels]) == identity
    assert {label.removeprefix("=") for label in fitted.labels} == set(names)
