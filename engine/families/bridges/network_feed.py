"""Training rows on their way to a network: large shuffled blocks, held where they fit, else read ahead by a thread."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import numpy as np
import tensorflow as tf

from engine.families.base import FeatureRows
from engine.families.fitted import Doubles

#: Cells (rows × features) of one block: 16 MB of float32, 64 MB of pictures. One is in use while the next is read.
CELLS, PICTURE_CELLS = 4_000_000, 64_000_000


@dataclass(frozen=True, kw_only=True)
class Block:
    """Rows in TensorFlow's memory.   x: (rows, F) float32, or pictures uint8.   y: (rows,) float32.

    order: (rows,) int32, the order in which batches take them.   batches: whole batches in it, at least 1.
    """

    x: Any
    y: Any
    order: Any
    batches: int


class Feed:
    """Endless blocks of shuffled training rows, a context manager: its thread ends with it.

    Rows that are less than a batch at the end of a pass wait for another pass, whose order is another one.
    """

    def __init__(
        self,
        rows: FeatureRows,
        encode: Callable[[Doubles], Doubles],
        batch: int,
        seed: int,
        cells: int | None = None,
    ) -> None:
        """encode: the target as the network wants it.   batch: rows of a step, at most all rows there are.

        cells: of one block; None for what suits the rows.
        """
        cells = cells or (CELLS if len(rows.sample_shape) == 1 else PICTURE_CELLS)
        self._rows, self._encode, self._batch, self._seed = rows, encode, batch, seed
        self._size = batch * max(1, cells // max(1, math.prod(rows.sample_shape)) // batch)
        self._blocks = self._held() if rows.rows <= self._size else self._streamed()
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="feed")
        self._ahead: Future[Block] | None = None

    def __enter__(self) -> Feed:
        self._ahead = self._reader.submit(next, self._blocks)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._reader.shutdown(wait=True, cancel_futures=True)
        self._blocks.close()

    def next(self) -> Block:
        """Return the next block, and have the one after it read meanwhile."""
        assert self._ahead is not None  # A feed is read inside its `with` block.
        block = self._ahead.result()
        self._ahead = self._reader.submit(next, self._blocks)
        return block

    def _held(self) -> Generator[Block, None, None]:
        x, y = self._rows.arrays()
        held_x, held_y = tf.constant(x), tf.constant(self._encode(y), tf.float32)
        turn = self._seed
        while True:
            order = np.random.default_rng(turn).permutation(len(x))
            yield self._block(held_x, held_y, order)
            turn += 1

    def _streamed(self) -> Generator[Block, None, None]:
        turn = self._seed
        while True:
            for x, y in self._rows.batches(self._size, seed=turn):
                if len(x) >= self._batch:
                    encoded = tf.constant(self._encode(y), tf.float32)
                    yield self._block(tf.constant(x), encoded, np.arange(len(x)))
            turn += 1

    def _block(self, x: Any, y: Any, order: Any) -> Block:
        return Block(x=x, y=y, order=tf.constant(order, tf.int32), batches=len(order) // self._batch)
