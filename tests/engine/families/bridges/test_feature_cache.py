"""Features are computed once for each picture, and for some of them where the time is short."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from engine.families.base import Budget
from engine.families.bridges.feature_cache import LEAST_ROWS, CachedRows, cache_features
from tests.engine.made_rows import Rows

PICTURES = np.arange(600 * 12, dtype=np.uint8).reshape(600, 2, 2, 3)
ROWS = Rows(PICTURES, np.arange(600.0))


def look(x: Any) -> Any:
    return x.reshape(len(x), -1)[:, :5].astype(np.float32)


def cached(seconds: float, told: list[float] | None = None) -> CachedRows:
    ticks = itertools.count()
    budget = Budget(seconds, lambda: float(next(ticks)))
    return cache_features(look, ROWS, 5, 32, 0, budget, (told if told is not None else []).append)


def test_every_picture_keeps_its_answer() -> None:
    told: list[float] = []
    rows = cached(1e6, told)
    assert rows.rows == 600
    assert rows.sample_shape == (5,)
    assert sorted(rows.y) == list(range(600))
    assert (rows.x == look(PICTURES[rows.y.astype(int)])).all()
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_short_time_is_spent_on_pictures_from_everywhere() -> None:
    rows = cached(0.0)
    assert LEAST_ROWS <= rows.rows < 600
    assert rows.y.max() > 500
    assert rows.y.min() < 100
    assert rows.seconds >= 0.0


def test_it_is_read_as_any_rows_are() -> None:
    rows = cached(1e6)
    x, y = rows.arrays(10)
    assert (x == look(PICTURES[y.astype(int)])).all()
    parts = list(rows.batches(100, seed=1))
    assert [len(part) for part, _ in parts] == [100] * 6
    assert sorted(np.concatenate([y for _, y in parts])) == list(range(600))
    assert all((x == look(PICTURES[y.astype(int)])).all() for x, y in parts)
