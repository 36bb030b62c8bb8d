"""The table of answers that batch prediction writes: its columns, its batches, its files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from engine.errors import BadCommand
from engine.serving.answers_csv import ROW, answer_names, free_names
from engine.serving.model import Prediction, ServedModel

SUFFIXES = (".csv", ".tsv", ".parquet")


class Table(Protocol):
    """A table that can be written."""

    schema: pa.Schema


class Writer(Protocol):
    """What pyarrow's CSV and Parquet writers have in common."""

    def write_batch(self, batch: pa.RecordBatch) -> None: ...

    def close(self) -> None: ...


class AnswerTable:
    """The written table: its columns, and a batch of it for each batch of answers."""

    def __init__(self, model: ServedModel, *, keep_columns: bool) -> None:
        self._inputs = tuple(model.inputs) if keep_columns else ()
        types = {"float": pa.float32(), "string": pa.string()}
        kept = [(name, types[model.inputs[name]]) for name in self._inputs]
        (row,) = free_names([ROW], self._inputs)
        answers = answer_columns(model, taken=(*self._inputs, row))
        self.schema = pa.schema([*kept, (row, pa.int64()), *answers])

    def batch(self, first_row: int, rows: pa.RecordBatch, prediction: Prediction) -> pa.RecordBatch:
        """Return the table's rows for one batch of input `rows`, which begins at row number `first_row`."""
        columns = [rows.column(name) for name in self._inputs]
        columns.append(pa.array(np.arange(first_row, first_row + rows.num_rows), pa.int64()))
        if prediction.labels is not None:
            columns.append(pa.array(prediction.labels, pa.string()))
        columns.extend(pa.array(numbers) for numbers in prediction.numbers.T)
        arrays = [column.cast(field.type) for column, field in zip(columns, self.schema, strict=True)]
        return pa.RecordBatch.from_arrays(arrays, schema=self.schema)


def answer_columns(model: ServedModel, *, taken: Sequence[str]) -> list[tuple[str, pa.DataType]]:
    """Return names and types of the columns that hold answers, under names that are not `taken`."""
    names = free_names(answer_names(model), taken)
    return [(name, pa.string() if model.classes and not i else pa.float32()) for i, name in enumerate(names)]


def open_writer(table: Table, file: BinaryIO, suffix: str) -> Writer:
    """Return a writer of `table` to the open `file`, by suffix: .csv (UTF-8, header), .tsv or .parquet
    (zstd)."""
    if suffix == ".parquet":
        return pyarrow.parquet.ParquetWriter(file, table.schema, compression="zstd")
    options = pyarrow.csv.WriteOptions(delimiter="\t" if suffix == ".tsv" else ",")
    return pyarrow.csv.CSVWriter(file, table.schema, write_options=options)


def check_out(out: Path | None, data: Path) -> None:
    """Raise BadCommand when answers about `data` cannot be written to `out`."""
    if out is None:
        return
    if out.suffix.lower() not in SUFFIXES:
        raise BadCommand(
            f"Answers cannot be written to {str(out)!r}. Expected a name that ends with one of "
            f"{', '.join(SUFFIXES)}. Received {out.suffix or 'none'!r}.",
            remedy="Give --out a name that ends with .csv or .parquet.",
        )
    if out.is_dir() or not out.parent.is_dir():
        found = "a folder" if out.is_dir() else "a name in a folder that is not there"
        raise BadCommand(
            f"Answers cannot be written to {str(out)!r}. Expected a file in a folder. Received {found}.",
            remedy="Make the folder, or give --out another name.",
        )
    if out.exists() and data.exists() and out.samefile(data):
        raise BadCommand(
            f"The answers would replace the data {str(data)!r}.",
            remedy="Give --out another name than the data's.",
        )
