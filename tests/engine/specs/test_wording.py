"""Sentences hold numbers as people write them, and names as they are."""

from __future__ import annotations

import pytest

from engine.specs.wording import figure, fill, named, share


def test_names_with_braces_are_text_not_templates() -> None:
    values = {"name": "{score}", "score": 0.924, "error": 48123.4, "rows": 1200}
    text = fill("{name}: {score:share}, {error:figure} in {rows:,}", values)
    assert text == "{score}: 92.4 %, 48,123 in 1,200"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.92413, "0.9241"),
        (48123.4, "48,123"),
        (12.0, "12"),
        (-1234.5, "-1,234"),
        (0.0, "0"),
        (1e15, "1e+15"),
    ],
)
def test_figure(value: float, text: str) -> None:
    assert figure(value) == text


def test_share_and_named() -> None:
    assert share(0.5) == "50.0 %"
    assert named(["a", "b"]) == "'a', 'b'" and named("abcde") == "'a', 'b', 'c' and 2 more"
