"""Blocks hold every training row, in another order each pass, and the feed leaves no thread behind."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from engine.families.bridges.network_feed import Block, Feed
from tests.engine.made_rows import Rows

pytestmark = pytest.mark.slow  # it loads TensorFlow

ROWS = 100
SET = Rows(np.arange(2 * ROWS, dtype=np.float32).reshape(ROWS, 2), np.arange(ROWS, dtype=np.float64))


def rows_of(block: Block, batch: int) -> list[float]:
    """Targets in the order in which whole batches take them."""
    taken = block.order.numpy()[: block.batches * batch]
    assert (block.x.numpy()[taken, 0] == 2 * block.y.numpy()[taken]).all()
    return block.y.numpy()[taken].tolist()


def test_rows_that_fit_are_held_and_shuffled_anew_each_pass() -> None:
    with Feed(SET, lambda y: y, batch=20, seed=0) as feed:
        passes = [rows_of(feed.next(), 20) for _ in range(3)]
    assert all(sorted(one) == list(range(ROWS)) for one in passes)
    assert passes[0] != passes[1] != passes[2]


def test_rows_that_do_not_fit_come_in_blocks_of_whole_batches() -> None:
    with Feed(SET, lambda y: y, batch=8, seed=0, cells=80) as feed:
        blocks = [feed.next() for _ in range(4)]
    assert [block.batches for block in blocks] == [5, 5, 2, 5]
    once = [row for block in blocks[:3] for row in rows_of(block, 8)]
    assert len(set(once)) == len(once) == 96


def test_the_target_is_encoded() -> None:
    with Feed(SET, lambda y: y * 0.0 - 1.0, batch=8, seed=0, cells=80) as feed:
        assert set(feed.next().y.numpy()) == {-1.0}


@pytest.mark.parametrize("cells", [80, 4_000])
def test_equal_seeds_give_equal_orders(cells: int) -> None:
    def orders(seed: int) -> list[float]:
        with Feed(SET, lambda y: y, batch=8, seed=seed, cells=cells) as feed:
            return rows_of(feed.next(), 8)

    assert orders(1) == orders(1) != orders(2)


def test_an_error_leaves_no_thread_behind() -> None:
    before = threading.active_count()
    with (
        pytest.raises(RuntimeError, match="enough"),
        Feed(SET, lambda y: y, batch=8, seed=0, cells=80) as feed,
    ):
        feed.next()
        raise RuntimeError("enough")
    assert threading.active_count() == before


def test_what_the_reader_meets_is_raised_to_who_reads() -> None:
    def fails(y: np.ndarray) -> np.ndarray:
        raise OSError("The disk is gone.")

    with pytest.raises(OSError, match="disk"), Feed(SET, fails, batch=8, seed=0, cells=80) as feed:
        feed.next()
