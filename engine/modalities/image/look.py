"""A few pictures of a dataset for people to look at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow.parquet

from engine.errors import BadCommand
from engine.modalities.image.columns import IMAGE
from engine.modalities.image.encoding import thumbnail
from engine.words import words


def thumbnails(data: Path, rows: Sequence[int], side: int) -> list[bytes]:
    """Return small JPEGs of some rows of data.parquet, in the order of `rows` (numbers from 0, repeats allowed).

    Only the row groups that hold them are read, and of those only the pictures.
    side: most px a side.   Raises: BadCommand for a row that is not there; OSError.
    """
    found = {row: thumbnail(content, side) for row, content in _pictures(data, sorted(set(rows)))}
    return [found[row] for row in rows]


def pictures(data: Path, rows: Sequence[int]) -> list[bytes]:
    """Return the stored files (PNG or JPEG) of some rows, in the order of `rows`.   Raises: as `thumbnails`."""
    found = dict(_pictures(data, sorted(set(rows))))
    return [found[row] for row in rows]


def _pictures(data: Path, rows: Sequence[int]) -> Iterator[tuple[int, bytes]]:
    """The pictures of rising row numbers; memory holds one row group."""
    with pyarrow.parquet.ParquetFile(data) as file:
        sizes = [file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)]
        ends = np.cumsum(sizes)
        if rows and not 0 <= rows[0] <= rows[-1] < sum(sizes):
            raise BadCommand(
                words("There is no picture {row:,}. Expected rows below {n:,}.", row=rows[-1], n=sum(sizes)),
                remedy=words("Choose a picture from the list."),
            )
        for group in np.unique(np.searchsorted(ends, rows, side="right")).tolist():
            first = int(ends[group]) - sizes[group]
            column = file.read_row_group(group, columns=[IMAGE]).column(0)
            for row in rows:
                if first <= row < first + sizes[group]:
                    yield row, column[row - first].as_py()
