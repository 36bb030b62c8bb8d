"""What stands before the first digit of a code."""

from __future__ import annotations

import pytest

from tests.engine.transforms.fitted import fit

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("code", "prefix"),
    [
        ("C85", "C"),
        ("F G73", "F G"),
        ("PC 17599", "PC "),
        ("沪A12345", "沪A"),
        ("LINE", "LINE"),
        ("B2B7", "B"),
        ("an unusually long prefix 1", "an unusually lon"),
        ("330911", None),
        (None, None),
    ],
)
def test_it_ends_before_the_first_digit(code: str | None, prefix: str | None) -> None:
    assert fit(["A1"], "code_prefix").answers([code]) == [prefix]


def test_it_serves_as_a_category() -> None:
    fitted = fit(["C85", "C86", "D1", "7"], "code_prefix", "one_hot")
    assert fitted.rows(["C1", "D99", "12", "E5"])[0] == fitted.rows(["C2"])[0]
    assert len(set(fitted.rows(["C1", "D99", "12"]))) == 3
