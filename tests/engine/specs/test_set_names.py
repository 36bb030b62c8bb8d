"""Which words name sets of rows."""

from __future__ import annotations

import pytest

from engine.specs.profile import ColumnProfile
from engine.specs.set_names import names_sets, set_named


@pytest.mark.parametrize(
    ("word", "name"),
    [("train", "train"), (" Training ", "train"), ("DEV", "valid"), ("holdout", "test"), ("extra", None)],
)
def test_a_word_means_one_set_or_none(word: str, name: str | None) -> None:
    assert set_named(word) == name


@pytest.mark.parametrize(
    ("values", "answer"),
    [
        (("train", "test"), True),
        (("Train", "val", "TEST"), True),
        (("train", "val"), False),
        (("train", "test", "x"), False),
        ((), False),
    ],
)
def test_a_column_names_sets_when_every_value_does(values: tuple[str, ...], answer: bool) -> None:
    facts = ColumnProfile(
        name="set", rows=9, missing=0, distinct=len(values), top_values=tuple((value, 3) for value in values)
    )
    assert names_sets(facts) is answer
