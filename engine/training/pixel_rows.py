"""Read pictures of one size out of files of raw pixels, in bounded memory."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from engine.families.base import DataShape
from engine.files import read_json
from engine.specs.training import TaskSpec
from engine.training.feature_rows import DESCRIPTION, Doubles, Ints, ParquetFeatureRows

Pixels = npt.NDArray[np.uint8]

#: Of the file of raw pixels of a set.
SUFFIX = ".pixels"

#: Bytes of pixels read at once, and shuffled among each other.
_BLOCK_BYTES = 32 << 20


class PixelRows:
    """The pictures of one set ("train", "valid" or "extra") in the "pixels" view; see `base.FeatureRows`.

    A set is two files: <name>.pixels, the raw uint8 pixels (rows, *sample_shape) and nothing else, and
    <name>.parquet with `_y`, `_row` and `_fold` in the same order.
    """

    columns: tuple[str, ...] = ()
    cardinalities: Mapping[int, int] = {}

    def __init__(self, folder: Path, name: str, *, more: Sequence[str] = ()) -> None:
        """folder: one view, as `shards.PixelWriter` wrote it.  more: sets read after `name`, as if they were one."""
        description = read_json(folder / DESCRIPTION)
        self.sample_shape: tuple[int, ...] = tuple(description["sample_shape"])
        self._sets = (name, *more)
        self._folder = folder
        self._counts = [int(description["rows"][one]) for one in self._sets]
        self._row_bytes = math.prod(self.sample_shape)

    @property
    def rows(self) -> int:
        return sum(self._counts)

    def arrays(self, limit: int | None = None) -> tuple[Any, Doubles]:
        """Return X (rows, *sample_shape) uint8 and y (rows,) float64; at most `limit` rows, spread evenly."""
        count = self.rows if limit is None else min(limit, self.rows)
        chosen = np.arange(count) * self.rows // max(1, count)
        x = np.empty((count, *self.sample_shape), np.uint8)
        start = 0
        for first, pixels in self._blocks():
            low, high = np.searchsorted(chosen, (first, first + len(pixels)))
            x[low:high] = pixels[chosen[low:high] - first]
            start = first + len(pixels)
        assert start == self.rows
        return x, self._column("_y")[chosen].astype(np.float64)

    def row_numbers(self) -> Ints:
        """Return the raw row number (rows,) of each picture, in file order."""
        return self._column("_row").astype(np.int64)

    def batches(self, size: int, *, seed: int | None = None) -> Iterator[tuple[Any, Doubles]]:
        """Yield (X, y) of `size` pictures, the last smaller; blocks, and pictures within, shuffled by `seed`."""
        rng = None if seed is None else np.random.default_rng(seed)
        y = self._column("_y").astype(np.float64, copy=False)
        held_x, held_y = np.empty((0, *self.sample_shape), np.uint8), np.empty(0)
        for first, pixels in self._blocks(rng):
            order = np.arange(len(pixels)) if rng is None else rng.permutation(len(pixels))
            # Each batch is a copy, and the block has no other name: only one of them is ever held.
            for start in range(-len(held_x), len(pixels), size):
                part = order[max(0, start) : start + size]
                x, answers = pixels[part], y[first + part]
                if start < 0:
                    x, answers = np.concatenate((held_x, x)), np.concatenate((held_y, answers))
                if len(x) == size:
                    yield x, answers
            held_x, held_y = (x, answers) if len(x) < size else (x[:0].copy(), answers[:0])
            del pixels, x
        if len(held_x):
            yield held_x, held_y

    def _blocks(self, rng: np.random.Generator | None = None) -> Iterator[tuple[int, Pixels]]:
        """Yield the position of a block's first picture among all, and its pixels."""
        length = max(1, _BLOCK_BYTES // self._row_bytes)
        starts = [
            (number, start, sum(self._counts[:number]) + start)
            for number, count in enumerate(self._counts)
            for start in range(0, count, length)
        ]
        if rng is not None:
            rng.shuffle(starts)
        for number, start, position in starts:
            count = min(length, self._counts[number] - start)
            path = self._folder / f"{self._sets[number]}{SUFFIX}"
            size, offset = int(count) * self._row_bytes, int(start) * self._row_bytes
            # Kept under no name here: whoever takes the block may let go of it.
            yield (
                int(position),
                np.fromfile(path, np.uint8, size, offset=offset).reshape(-1, *self.sample_shape),
            )

    def _column(self, name: str) -> npt.NDArray[Any]:
        tables = [pq.read_table(self._folder / f"{one}.parquet", columns=[name]) for one in self._sets]
        return pa.concat_tables(tables)[name].to_numpy()


StoredRows = ParquetFeatureRows | PixelRows


def stored_rows(folder: Path, name: str, *, more: Sequence[str] = ()) -> StoredRows:
    """Return the rows of a view, of whichever kind it is.   folder, name, more: as `ParquetFeatureRows` takes them."""
    is_pixels = (folder / f"{name}{SUFFIX}").exists()
    return PixelRows(folder, name, more=more) if is_pixels else ParquetFeatureRows(folder, name, more=more)


def shape_of(view: Path, task: TaskSpec, weights: tuple[str, ...] = ()) -> DataShape:
    """Return how large the training rows of a view are.   view: its folder.   weights: as of a `DataShape`."""
    rows = stored_rows(view, "train")
    return DataShape(
        rows=rows.rows,
        features=math.prod(rows.sample_shape),
        sample_shape=rows.sample_shape,
        task=task.task,
        outputs=task.outputs,
        weights=weights,
    )
