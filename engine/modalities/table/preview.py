"""The first rows of an imported table as plain values, for people to look at."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pyarrow.parquet

#: A longer text is cut for the screen; the table keeps it whole.
MOST_CHARS = 500


def first_rows(data: Path, rows: int) -> dict[str, Any]:
    """Return {"columns": names, "rows": lists of JSON values}, at most `rows` of them, in file order.

    Numbers that JSON cannot write (NaN, infinite) and missing values are None. Pictures are left out.
    Args: data: data.parquet of an import.
    """
    with pyarrow.parquet.ParquetFile(data) as file:
        names = [field.name for field in file.schema_arrow if not pyarrow.types.is_binary(field.type)]
        batch = next(file.iter_batches(batch_size=rows, columns=names), None)
    columns = [[_plain(value) for value in column.to_pylist()] for column in batch.columns] if batch else []
    return {"columns": names, "rows": [list(row) for row in zip(*columns, strict=True)]}


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, str) and len(value) > MOST_CHARS:
        return value[: MOST_CHARS - 1] + "…"
    return value
