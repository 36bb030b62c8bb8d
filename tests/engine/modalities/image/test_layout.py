"""Folders are read as people mean them: classes, sets, or nothing at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.modalities.image.layout import lay_out

LAYOUTS = {
    "class folders": (["cat/1.jpg", "dog/1.jpg"], ["cat", "dog"], [None, None]),
    "one folder around": (["pets/cat/1.jpg", "pets/dog/1.jpg"], ["cat", "dog"], [None, None]),
    "two around": (["a/b/cat/1.jpg", "a/b/dog/1.jpg"], ["cat", "dog"], [None, None]),
    "sets of classes": (["train/cat/1.jpg", "test/dog/2.jpg"], ["cat", "dog"], ["train", "test"]),
    "sets within": (["d/Train/a/1.jpg", "d/valid/b/2.jpg"], ["a", "b"], ["Train", "valid"]),
    "sets alone": (["train/1.jpg", "test/2.jpg"], [None, None], ["train", "test"]),
    "one set": (["train/cat/1.jpg", "train/dog/2.jpg"], ["cat", "dog"], ["train", "train"]),
    "flat": (["1.jpg", "2.jpg"], [None, None], [None, None]),
    "one folder": (["photos/1.jpg", "photos/2.jpg"], [None, None], [None, None]),
    "deeper": (["cat/a/1.jpg", "dog/b/c/2.jpg"], ["cat", "dog"], [None, None]),
    "some outside": (["cat/1.jpg", "dog/2.jpg", "3.jpg"], ["cat", "dog", None], [None, None, None]),
    "a class called like a set": (["test/1.jpg", "car/2.jpg"], ["test", "car"], [None, None]),
    "other files beside": (
        ["x/cat/1.jpg", "x/dog/1.jpg", "notes/about.txt"],
        ["cat", "dog", None],
        [None] * 3,
    ),
    "without endings": (["cat/1", "dog/2"], ["cat", "dog"], [None, None]),
    "nothing": ([], [], []),
}


@pytest.mark.parametrize("case", LAYOUTS)
def test_classes_and_sets_are_told_by_the_folders(case: str) -> None:
    names, labels, sets = LAYOUTS[case]
    layout = lay_out(names)
    assert [layout.label_of(name) for name in names] == labels
    assert [layout.set_of(name) for name in names] == sets


PARTS = st.text("ab猫", min_size=1, max_size=2) | st.sampled_from(["train", "test"])


@given(
    st.lists(st.lists(PARTS, min_size=1, max_size=4).map(lambda parts: "/".join(parts) + ".png"), unique=True)
)
def test_any_names_are_understood(names: list[str]) -> None:
    layout = lay_out(names)
    for name in names:
        assert layout.label_of(name) is None or layout.label_of(name) in name.split("/")[:-1]
    assert len({layout.label_of(name) for name in names} - {None}) != 1 or layout.has_classes
