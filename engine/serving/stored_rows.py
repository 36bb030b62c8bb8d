"""Stream the rows of a run's own Parquet file in the form a model's inputs take."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from engine.specs.schema import Column, Schema
from engine.sql import parquet, quote_name, quote_text

BATCH_ROWS = 20_000


def input_expression(column: Column) -> str:
    """Return the SQL that gives `column` as a model's input takes it: FLOAT with NaN, or VARCHAR with ''."""
    name = quote_name(column.name)
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

    rows: SQL query that gives a column `_row` with the 0-based rows to read.
    """
    chosen = [schema.column(name) for name in columns] if columns is not None else list(schema.columns)
    select = ", ".join(input_expression(column) for column in chosen)
    reader = connection.sql(
        f"SELECT {select} FROM {parquet(data, numbered=True)} "
        f"WHERE file_row_number IN (SELECT _row FROM ({rows})) ORDER BY file_row_number"
    ).to_arrow_reader(batch_rows)
    yield from reader


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
