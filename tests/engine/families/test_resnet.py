"""Its work grows with its size; it is proposed for pictures only."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.families.base import DataShape
from engine.families.resnet import FAMILY, work

SHAPE = DataShape(rows=1000, features=32 * 32 * 3, sample_shape=(32, 32, 3), task="multiclass", outputs=10)


@pytest.mark.parametrize("side", [8, 32, 128, 224])
def test_wider_deeper_and_larger_is_more_work(side: int) -> None:
    plain = work({"width": 16, "depth": 1}, side)
    assert 0 < plain < work({"width": 32, "depth": 1}, side)
    assert plain < work({"width": 16, "depth": 2}, side)


def test_many_pictures_get_a_larger_network_too() -> None:
    first, large = FAMILY.proposes(replace(SHAPE, rows=100_000))
    assert work(first.params, 32) < work(large.params, 32)
    assert first.needs_s < large.needs_s


def test_it_is_proposed_where_there_are_pictures() -> None:
    (first, *_) = FAMILY.proposes(SHAPE)
    assert first.reason.endswith(".")
    assert first.needs_s < FAMILY.proposes(replace(SHAPE, rows=100_000))[0].needs_s
    assert FAMILY.proposes(replace(SHAPE, sample_shape=())) == ()
    assert FAMILY.proposes(replace(SHAPE, rows=5)) == ()
