"""Stream the rows of a run's own Parquet file in the form a model's inputs take."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from engine.serving.session import missing_columns
from engine.specs.schema import Column, Schema
from engine.sql import parquet, quote_name, quote_text

BATCH_ROWS = 20_000
#: Pictures are some thousand times larger than the cells of a table.
PICTURE_ROWS = 64
_READ_BYTES = 1 << 20


def input_expression(column: Column) -> str:
    """Return the SQL that gives `column` as a model's input takes it: FLOAT with NaN, VARCHAR with '', or the BLOB of a
    picture as it is."""
    name = quote_name(column.name)
    if column.input_type == "image":
        return name
    if column.input_type == "float":
        return f"coalesce(TRY_CAST({name} AS FLOAT), 'nan'::FLOAT) AS {name}"
    return f"coalesce({name}, '') AS {name}"


def stream_rows(
    connection: duckdb.DuckDBPyConnection,
    data: Path,
    schema: Schema,
    rows: str,
    *,
    columns: Sequence[str] | None = None,
    batch_rows: int = BATCH_ROWS,
) -> Iterator[pa.RecordBatch]:
    """Yield batches of `columns` (default: all) in model-input form, in file order.

    rows: SQL query that gives a column `_row` with the 0-based rows to read.   batch_rows: the most of a batch; one of
        pictures has PICTURE_ROWS at most.
    """
    chosen = [schema.column(name) for name in columns] if columns is not None else list(schema.columns)
    if any(column.input_type == "image" for column in chosen):
        yield from _stream_pictures(connection, data, chosen, rows, min(batch_rows, PICTURE_ROWS))
        return
    select = ", ".join(input_expression(column) for column in chosen)
    reader = connection.sql(
        f"SELECT {select} FROM {parquet(data, numbered=True)} "
        f"WHERE file_row_number IN (SELECT _row FROM ({rows})) ORDER BY file_row_number"
    ).to_arrow_reader(batch_rows)
    yield from reader


def _stream_pictures(
    connection: duckdb.DuckDBPyConnection, data: Path, columns: Sequence[Column], rows: str, batch_rows: int
) -> Iterator[pa.RecordBatch]:
    """Yield the rows as they lie in the file: sorting whole pictures would carry all of them through memory."""
    found = connection.sql(f"SELECT DISTINCT _row FROM ({rows}) ORDER BY _row").to_arrow_table()
    wanted = np.asarray(found.column("_row").to_numpy(), dtype=np.int64)
    names = [column.name for column in columns]
    with pq.ParquetFile(data, pre_buffer=False, buffer_size=_READ_BYTES) as file:
        first = 0
        for group in range(file.num_row_groups):
            end = first + file.metadata.row_group(group).num_rows
            inside = wanted[np.searchsorted(wanted, first) : np.searchsorted(wanted, end)]
            if len(inside):
                batches = file.iter_batches(batch_rows, row_groups=[group], columns=names)
                yield from _chosen(batches, columns, inside - first)
            first = end


def stream_table(
    data: Path, columns: Sequence[Column], *, batch_rows: int = PICTURE_ROWS
) -> Iterator[pa.RecordBatch]:
    """Yield all rows of `columns` of a dataset's Parquet file, in model-input form.

    Raises: BadData when a column is not there.
    """
    with pq.ParquetFile(data, pre_buffer=False, buffer_size=_READ_BYTES) as file:
        names = [column.name for column in columns]
        absent = [name for name in names if name not in file.schema_arrow.names]
        if absent:
            raise missing_columns(absent, file.schema_arrow.names)
        for batch in file.iter_batches(batch_rows, columns=names):
            arrays = [_input_form(batch.column(column.name), column) for column in columns]
            yield pa.RecordBatch.from_arrays(arrays, names=names)


def _chosen(
    batches: Iterator[pa.RecordBatch], columns: Sequence[Column], places: npt.NDArray[np.int64]
) -> Iterator[pa.RecordBatch]:
    """Yield of `batches` the rows at `places` (ascending, from the first batch's first row), as a model takes them."""
    first = 0
    for batch in batches:
        here = (
            places[np.searchsorted(places, first) : np.searchsorted(places, first + batch.num_rows)] - first
        )
        first += batch.num_rows
        if len(here):
            kept = batch.take(pa.array(here))
            arrays = [_input_form(kept.column(column.name), column) for column in columns]
            yield pa.RecordBatch.from_arrays(arrays, names=[column.name for column in columns])


def _input_form(values: pa.Array, column: Column) -> pa.Array:
    """Return what `input_expression` gives, for values that are in memory already."""
    if column.input_type == "image":
        return values
    if column.input_type == "string":
        return values.cast(pa.string()).fill_null("")
    return values.cast(pa.float64()).fill_null(np.nan).cast(pa.float32(), safe=False)


def rows_of_set(split: Path, name: str, *, limit: int | None = None) -> str:
    """Return the SQL query of the rows in one set; with `limit`, that many spread over the set by a hash."""
    query = f"SELECT _row FROM {parquet(split)} WHERE _set = {quote_text(name)}"
    return f"{query} ORDER BY hash(_row), _row LIMIT {limit}" if limit is not None else query


def read_target(
    connection: duckdb.DuckDBPyConnection, data: Path, target: str, classes: Sequence[str], rows: str
) -> npt.NDArray[np.float64]:
    """Return y of the given rows in file order: the value, or the index in `classes`."""
    name = quote_name(target)
    value = f"CAST({name} AS DOUBLE)"
    if classes:
        labels = ", ".join(quote_text(label) for label in classes)
        value = f"CAST(list_position([{labels}], CAST({name} AS VARCHAR)) - 1 AS DOUBLE)"
    table = connection.sql(
        f"SELECT {value} AS y FROM {parquet(data, numbered=True)} "
        f"WHERE file_row_number IN (SELECT _row FROM ({rows})) ORDER BY file_row_number"
    ).to_arrow_table()
    return np.asarray(table.column("y").to_numpy(), dtype=np.float64)
