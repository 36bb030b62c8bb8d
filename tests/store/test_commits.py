"""The counter says the last confirmed number, and says nothing rather than something wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from store.commits import CommitCount, Count, read_count


def test_it_says_the_last_number(tmp_path: Path) -> None:
    path = tmp_path / "commits.json"
    count = CommitCount(path, Count("box", 99))
    assert read_count(path) == Count("box", 99)
    for number in (100, 101, 12_345_678_901_234):
        count.write(number)
        assert read_count(path) == Count("box", number)
    count.close()
    again = CommitCount(path, Count("box", 5))
    assert read_count(path) == Count("box", 5)
    again.close()


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '{"database": "x"}', '{"database": "x", "commits": "y"}', "\0" * 128]
)
def test_what_cannot_be_read_is_nothing(tmp_path: Path, text: str) -> None:
    path = tmp_path / "commits.json"
    assert read_count(path) is None
    path.write_text(text, encoding="utf-8")
    assert read_count(path) is None
