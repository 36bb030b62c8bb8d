"""Words, numbers, shouted words and marks, counted by hand."""

from __future__ import annotations

import math

import pytest

from tests.engine.transforms.fitted import fit


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("Free entry: WIN 1000 CASH now!!! call 0800", (8, 2, 2, 3)),
        ("酒店很好！真的吗？", (7, 0, 0, 2)),
        ("it's 3.5", (4, 2, 0, 0)),
        ("I am OK", (3, 0, 1, 0)),
        ("…", (0, 0, 0, 0)),
        (None, (0, 0, 0, 0)),
    ],
)
def test_counts_by_hand(text: str | None, counts: tuple[int, ...]) -> None:
    fitted = fit(["x"], "text_shape")
    assert fitted.labels == (".words", ".numbers", ".capitals", ".marks")
    assert fitted.rows([text]) == [pytest.approx(tuple(math.log1p(count) for count in counts))]
