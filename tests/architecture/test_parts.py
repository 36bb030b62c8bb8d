"""scripts/check runs every fast test once, however many processes share them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.parts import files_of_part, work_of

TESTS = tuple((Path(__file__).resolve().parents[1]).rglob("test_*.py"))


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_every_file_is_in_one_part(count: int) -> None:
    parts = [files_of_part(f"{number}/{count}", TESTS) for number in range(1, count + 1)]
    assert sum(len(part) for part in parts) == len(TESTS)
    assert frozenset().union(*parts) == frozenset(TESTS)


def test_parts_are_about_as_large() -> None:
    sizes = [sum(map(work_of, files_of_part(f"{number}/4", TESTS))) for number in (1, 2, 3, 4)]
    assert max(sizes) < 1.1 * min(sizes)


@pytest.mark.parametrize("asked", ["", "1", "0/2", "3/2", "1/2/3", "a/b"])
def test_another_wish_is_refused(asked: str) -> None:
    with pytest.raises(ValueError, match="Expected I/N"):
        files_of_part(asked, TESTS)
