"""Read materialised features out of Parquet in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from engine.families.base import FeatureRows, Floats
from engine.files import read_json

DESCRIPTION = "view.json"
Doubles = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Rows = TypeVar("Rows", pa.RecordBatch, pa.Table)
#: Rows read at once, fewer where they are wide: 4 million cells are 16 MB.
_READ_ROWS, _READ_CELLS = 65_536, 4_000_000


class ParquetFeatureRows:
    """The features of one set ("train", "valid" or "extra") in one view; see `base.FeatureRows`."""

    def __init__(
        self,
        folder: Path,
        name: str,
        *,
        more: Sequence[str] = (),
        inside: int | None = None,
        outside: int | None = None,
    ) -> None:
        """folder: one view, as `materialise` wrote it.  more: sets read after `name`, as if they were one.

        inside: only rows of this fold; outside: only rows of the others. Both are for the set "train" alone.
        """
        description = read_json(folder / DESCRIPTION)
        self.columns: tuple[str, ...] = tuple(description["columns"])
        self.cardinalities: Mapping[int, int] = {
            int(position): count for position, count in description["cardinalities"].items()
        }
        self._files = [folder / f"{one}.parquet" for one in (name, *more)]
        self._rows = sum(description["rows"][one] for one in (name, *more))
        self._inside, self._outside = inside, outside
        if inside is not None or outside is not None:
            self._rows = sum(
                count for fold, count in description["fold_rows"].items() if self._has_fold(int(fold))
            )

    @property
    def sample_shape(self) -> tuple[int, ...]:
        """Return (F,)."""
        return (len(self.columns),)

    @property
    def rows(self) -> int:
        return self._rows

    def arrays(self, limit: int | None = None) -> tuple[Floats, Doubles]:
        """Return X (rows, F) float32 and y (rows,) float64; at most `limit` rows, spread evenly."""
        count = self._rows if limit is None else min(limit, self._rows)
        x = np.empty((count, len(self.columns)), np.float32)
        y = np.empty(count)
        chosen = np.arange(count) * self._rows // max(1, count)
        start = 0
        for batch in self._record_batches():
            low, high = np.searchsorted(chosen, (start, start + batch.num_rows))
            take = chosen[low:high] - start
            for position in range(len(self.columns)):
                x[low:high, position] = batch.column(position).to_numpy()[take]
            y[low:high] = batch.column("_y").to_numpy()[take]
            start += batch.num_rows
        return x, y

    def row_numbers(self) -> Ints:
        """Return the raw row number (rows,) of each row, in file order."""
        columns = ["_row"] if self._is_whole else ["_row", "_fold"]
        parts = [self._chosen(pq.read_table(file, columns=columns)) for file in self._files]
        return np.concatenate([part["_row"].to_numpy() for part in parts]).astype(np.int64)

    def batches(self, size: int, *, seed: int | None = None) -> Iterator[tuple[Floats, Doubles]]:
        """Yield (X, y) of `size` rows, the last smaller; row groups, and rows within, shuffled by `seed`."""
        rng = None if seed is None else np.random.default_rng(seed)
        held: list[tuple[Floats, Doubles]] = []
        count = 0
        for batch in self._record_batches(rng, max(size, self._most_read)):
            x, y = self._stacked(batch)
            if rng is not None:
                order = rng.permutation(len(x))
                x, y = x[order], y[order]
            held.append((x, y))
            count += len(x)
            if count >= size:
                x, y = _joined(held)
                whole = count - count % size
                for start in range(0, whole, size):
                    yield x[start : start + size], y[start : start + size]
                held, count = [(x[whole:], y[whole:])], count - whole
        if count:
            yield _joined(held)

    @property
    def _most_read(self) -> int:
        return max(1, min(_READ_ROWS, _READ_CELLS // max(1, len(self.columns))))

    def _record_batches(
        self, rng: np.random.Generator | None = None, size: int | None = None
    ) -> Iterator[pa.RecordBatch]:
        columns = [*(f"f{i}" for i in range(len(self.columns))), "_y"]
        if not self._is_whole:
            columns.append("_fold")
        for path in self._files:
            with pq.ParquetFile(path) as file:
                groups = np.arange(file.num_row_groups)
                if rng is not None:
                    rng.shuffle(groups)
                batches = file.iter_batches(
                    size or self._most_read, row_groups=groups.tolist(), columns=columns
                )
                yield from map(self._chosen, batches)

    @property
    def _is_whole(self) -> bool:
        return self._inside is None and self._outside is None

    def _has_fold(self, fold: int) -> bool:
        return fold != self._outside and self._inside in (None, fold)

    def _chosen(self, rows: Rows) -> Rows:
        """Return those of `rows` that belong to this set, by their fold."""
        if self._is_whole:
            return rows
        folds = rows["_fold"].to_numpy()
        return rows.filter(
            pa.array(folds != self._outside if self._inside is None else folds == self._inside)
        )

    def _stacked(self, batch: pa.RecordBatch) -> tuple[Floats, Doubles]:
        x = np.empty((batch.num_rows, len(self.columns)), np.float32)
        for position in range(len(self.columns)):
            x[:, position] = batch.column(position).to_numpy()
        return x, batch.column("_y").to_numpy().astype(np.float64)


class NoRows:
    """A set without rows, of the columns of another; see `base.FeatureRows`."""

    rows = 0

    def __init__(self, like: FeatureRows) -> None:
        self.columns = like.columns
        self.cardinalities = like.cardinalities
        self.sample_shape = like.sample_shape

    def arrays(self, limit: int | None = None) -> tuple[Floats, Doubles]:
        """Return X (0, *sample_shape) and y (0,)."""
        return np.zeros((0, *self.sample_shape), np.float32), np.zeros(0)

    def batches(self, size: int, *, seed: int | None = None) -> Iterator[tuple[Floats, Doubles]]:
        """Yield nothing."""
        return iter(())


def _joined(parts: list[tuple[Floats, Doubles]]) -> tuple[Floats, Doubles]:
    if len(parts) == 1:
        return parts[0]
    return np.concatenate([x for x, _ in parts]), np.concatenate([y for _, y in parts])
