"""Networks for pictures of every side have stages, and say what they cost before they start."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.families.base import DataShape
from engine.families.picture_sizes import (
    is_worth_trying,
    refuses,
    seconds,
    stage_work,
    stages,
    stem_stride,
)

SHAPE = DataShape(rows=1000, features=32 * 32 * 3, sample_shape=(32, 32, 3), task="multiclass", outputs=10)


@pytest.mark.parametrize("side", range(8, 513, 8))
def test_the_last_stage_still_sees_places(side: int) -> None:
    last = side / stem_stride(side) / 2 ** (stages(side) - 1)
    assert 4 <= last <= 16


def test_more_pictures_and_more_work_need_more_time() -> None:
    assert seconds(SHAPE, 1e6) < seconds(SHAPE, 1e7) < seconds(replace(SHAPE, rows=2000), 1e7)


def test_work_is_counted_over_stages() -> None:
    assert stage_work(8, lambda stage: 1.0 + stage) == 8 * 8 * 1.0 + 4 * 4 * 2.0


def test_tables_and_huge_pictures_are_refused() -> None:
    assert refuses(SHAPE, {}) is None
    assert "rows of numbers" in str(refuses(replace(SHAPE, sample_shape=()), {}))
    assert "1024 × 1024" in str(refuses(replace(SHAPE, sample_shape=(1024, 1024, 3)), {}))


def test_a_handful_of_pictures_is_not_worth_it() -> None:
    assert is_worth_trying(SHAPE)
    assert not is_worth_trying(replace(SHAPE, rows=10))
