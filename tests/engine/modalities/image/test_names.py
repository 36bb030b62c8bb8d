"""A label table may call a file by its path, its name or its number."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.modalities.image.names import NameIndex

NAMES = ["set/train/cat/1.jpg", "set/train/dog/1.jpg", "set/test/IMG_7.JPG", "set/test/8.x.png", ""]


@pytest.mark.parametrize(
    ("written", "place"),
    [
        ("set/train/cat/1.jpg", 0),
        ("./set/train/dog/1.jpg", 1),
        ("cat/1.jpg", 0),
        ("cat\\1.jpg", 0),
        ("cat/1", 0),
        ("/home/ann/pictures/set/train/dog/1.jpg", 1),
        ("img_7.jpg", 2),
        ("IMG_7", 2),
        (" img_7.jpg ", 2),
        ("8.x", 3),
        ("1.jpg", None),
        ("1", None),
        ("9.jpg", None),
        ("", None),
        ("/", None),
        ("./", None),
        ("../../etc/passwd", None),
    ],
)
def test_a_file_is_found_when_only_one_can_be_meant(written: str, place: int | None) -> None:
    assert NameIndex(NAMES).find(written) == place


NAME = st.text("ab.", min_size=1, max_size=3).filter(lambda part: part.strip("."))


@given(st.lists(st.lists(NAME, min_size=1, max_size=3), unique_by=tuple, min_size=1))
def test_a_whole_name_always_finds_its_file_or_none(paths: list[list[str]]) -> None:
    names = ["/".join(parts) for parts in paths]
    index = NameIndex(names)
    for i, name in enumerate(names):
        found = index.find(name)
        assert found is None or found == i or names[found].endswith(("/" + name, name))
