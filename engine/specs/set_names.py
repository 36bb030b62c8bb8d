"""The words that people name sets of rows by: a column or a folder that says "train" or "test"."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from engine.specs.profile import ColumnProfile
from engine.specs.split import SetName

#: In small letters → the set that is meant.
SET_NAMES: Mapping[str, SetName] = {
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("val", "valid", "validation", "dev", "eval", "evaluation"), "valid"),
    **dict.fromkeys(("test", "testing", "holdout"), "test"),
}


def set_named(word: str) -> SetName | None:
    """Return the set that a word means, None for none.

    >>> set_named(" Validation ")
    'valid'
    """
    return SET_NAMES.get(word.strip().lower())


def sets_of(words: Iterable[str]) -> frozenset[SetName]:
    """Return the sets that these words name; none at all where one of them names none."""
    found = [set_named(word) for word in words]
    return frozenset(name for name in found if name is not None) if all(found) else frozenset()


def names_sets(facts: ColumnProfile) -> bool:
    """Say whether a column names the set of each row: nothing else, training and test rows at least."""
    is_whole = 0 < facts.distinct == len(facts.top_values)
    return is_whole and {"train", "test"} <= sets_of(value for value, _ in facts.top_values)
