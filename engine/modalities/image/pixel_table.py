"""Tables of pixels: a row per picture, a column per pixel ("label,pixel0,pixel1 …"), as MNIST is often passed on."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet

from engine.files import read_json
from engine.modalities.image.columns import RESERVED
from engine.modalities.image.source import Found
from engine.modalities.table.importing import DATA, REJECTS, SCHEMA, import_table
from engine.modalities.table.limits import ImportLimits
from engine.specs.codec import from_json
from engine.specs.schema import Column, Schema
from engine.words import words

_NUMBERED = re.compile(r"(?:pixel|pix|px|p)[ _.-]?(\d+)", re.IGNORECASE)
_PLACED = re.compile(r"(\d+)x(\d+)", re.IGNORECASE)
#: Fewer pixels than 8 × 8 are not recognised as a picture, and more columns than this beside them neither.
_LEAST_SIDE, _MOST_OTHERS = 8, 8
_LONGEST_HEADER = 1 << 20
_BATCH = 1024


def pixel_columns(names: Sequence[str]) -> tuple[list[str], int]:
    """Return (the columns that are pixels, row by row, the picture's side); none and 0 when they make no square.

    Known are "pixel0" … "pixel783", the same from 1, and "1x1" … "28x28".

    >>> pixel_columns(["label", *(f"pixel{i}" for i in range(64))])[1]
    8
    """
    found: list[tuple[tuple[int, int], str]] = []
    for name in names:
        if placed := _PLACED.fullmatch(name.strip()):
            found.append(((int(placed[1]), int(placed[2])), name))
        elif numbered := _NUMBERED.fullmatch(name.strip()):
            found.append(((0, int(numbered[1])), name))
    side = math.isqrt(len(found))
    if side < _LEAST_SIDE or side * side != len(found) or len(names) - len(found) > _MOST_OTHERS:
        return [], 0
    places = sorted(place for place, _ in found)
    squares = [[(r + start, c + start) for r in range(side) for c in range(side)] for start in (0, 1)]
    rows = [[(0, i + start) for i in range(side * side)] for start in (0, 1)]
    if places not in (*squares, *rows):
        return [], 0
    return [name for _, name in sorted(found)], side


def is_pixel_table(path: Path) -> bool:
    """Tell by its first line whether a text file is a table of pixels."""
    if path.suffix.lower() not in (".csv", ".tsv", ".txt"):
        return False
    with path.open("rb") as file:
        line = file.readline(_LONGEST_HEADER).decode("utf-8-sig", "replace")
    delimiter = max(",;\t", key=line.count)
    names = (
        next(csv.reader([line], delimiter=delimiter), [])
        if line.count(delimiter) >= _LEAST_SIDE**2 - 1
        else []
    )
    return pixel_columns([name.strip() for name in names])[1] > 0


class PixelTable:
    """The pictures of a table of pixels; its other columns stand beside them."""

    format = "pixels"

    def __init__(self, source: Path, scratch: Path, limits: ImportLimits) -> None:
        self._source, self._scratch = source, scratch
        summary = import_table(source, scratch, limits=limits, progress=lambda share: None)
        schema = from_json(Schema, read_json(scratch / SCHEMA))
        self._pixels, self._side = pixel_columns(schema.names)
        kept = [column for column in schema.columns if column.name not in self._pixels]
        self.columns: tuple[Column, ...] = tuple(column for column in kept if column.name not in RESERVED)
        self.total = summary.rows_read
        self.notes: tuple[str, ...] = (
            words("Every row became a picture of {side} × {side} pixels.", side=self._side),
            *summary.notes,
        )

    def entries(self) -> Iterator[Found]:
        """Yield the rows in file order; a row with a value that is no whole number from 0 to 255 is told as broken."""
        with (self._scratch / REJECTS).open(encoding="utf-8", newline="") as file:
            for line in csv.DictReader(file):
                yield Found(
                    number=int(line["line"]), name=line["text"][:200], picture=None, problem=line["reason"]
                )
        number = 0
        beside = [column.name for column in self.columns]
        with pyarrow.parquet.ParquetFile(self._scratch / DATA) as table:
            for batch in table.iter_batches(batch_size=_BATCH, columns=[*self._pixels, *beside]):
                values = _values(batch, self._pixels)
                others = batch.select(beside).to_pylist()
                for row, known in zip(values, others, strict=True):
                    number += 1
                    yield self._found(number, row, known)

    def _found(self, number: int, row: npt.NDArray[np.float64], known: dict[str, Any]) -> Found:
        name = f"{self._source.stem}/{number:05d}"
        if not (
            np.isfinite(row).all() and row.min() >= 0 and row.max() <= 255 and (row == row.round()).all()
        ):
            problem = "A pixel is no whole number from 0 to 255."
            return Found(number=number, name=name, picture=None, problem=problem)
        picture = row.astype(np.uint8).reshape(self._side, self._side)
        return Found(number=number, name=name, picture=picture, values=known)


def _values(batch: pa.RecordBatch, names: Sequence[str]) -> npt.NDArray[np.float64]:
    """(rows, pixels), NaN where a value is missing or no number."""
    values = np.full((batch.num_rows, len(names)), np.nan)
    for i, name in enumerate(names):
        column = batch.column(name)
        if not pa.types.is_string(column.type):
            values[:, i] = column.cast(pa.float64()).to_numpy(zero_copy_only=False)
    return values
