"""Stream the rows of any table file in the form a published model takes, for batch prediction."""

from __future__ import annotations

import difflib
import math
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb
import pyarrow as pa

from engine.errors import BadData
from engine.modalities.table.convert import lenient_sql
from engine.modalities.table.database import open_database
from engine.modalities.table.limits import ImportLimits
from engine.modalities.table.opening import open_table
from engine.modalities.table.records import Rejects
from engine.modalities.table.source import RawTable, Workplace
from engine.providers.local_file import check_file
from engine.specs.cells import PLAIN, style_of
from engine.specs.schema import Column, Schema
from engine.sql import quote_name, quote_text


def read_rows(
    source: Path, schema: Schema, *, columns: Sequence[str], batch_rows: int, limits: ImportLimits
) -> Iterator[pa.RecordBatch]:
    """Yield the rows of `source` in file order as model input: float32 with NaN for a missing number, and
    cleaned strings with "" for a missing text.

    The file may be of any format and size that can be imported, in another encoding or with another
    delimiter than the training data, with more columns and without the target. Columns are found by name or
    source name, after trimming, with regard to case.
    Args:   columns: the schema's columns to read, in this order.   batch_rows: most rows of a batch.
    Raises: BadCommand when the path is wrong; BadData when the file holds no table, lacks a column (naming
        the nearest), or has a row that does not fit: predictions would not line up with the rows.
    """
    check_file(source)
    with (
        tempfile.TemporaryDirectory(prefix="aimass-rows-", dir=limits.temporary_folder) as folder,
        Rejects(Path(folder) / "rejects.csv") as rejects,
    ):
        place = Workplace(folder=Path(folder), limits=limits, rejects=rejects, progress=lambda share: None)
        raw = open_table(source, place)
        _refuse_rejected(raw, source)
        positions = _find_columns(raw, [schema.column(name) for name in columns], source)
        with open_database(limits) as connection:
            connection.execute("SET disabled_optimizers = 'in_clause'")
            raw = _checked(connection, raw, source)
            selects = ", ".join(
                f"{_input_sql(raw, position, schema.column(name))} AS {quote_name(name)}"
                for name, position in zip(columns, positions, strict=True)
            )
            yield from connection.sql(f"SELECT {selects} FROM {raw.relation}").to_arrow_reader(batch_rows)


def _input_sql(raw: RawTable, position: int, column: Column) -> str:
    native = raw.native.get(position)
    if column.physical == "string":
        text = f"CAST({native[1]} AS VARCHAR)" if native else f"c{position}"
        return _text_sql(text, column)
    return _float_sql(native[1]) if native else _number_sql(f"c{position}", column)


def _text_sql(text: str, column: Column) -> str:
    """A cleaned string. Most begin and end with a visible ASCII character: they need no trimming, which
    costs six times the reading of the file."""
    tokens = ", ".join(quote_text(token) for token in ("", *column.missing_tokens))
    is_clean = f"ascii({text}) BETWEEN 33 AND 126 AND ascii(right({text}, 1)) BETWEEN 33 AND 126"
    slow = f"coalesce({lenient_sql(text, column)}, '')"
    return f"CASE WHEN {is_clean} AND {text} NOT IN ({tokens}) THEN {text} ELSE {slow} END"


def _number_sql(text: str, column: Column) -> str:
    """A number; what DuckDB reads as it stands is not cleaned first, unless the file writes numbers another
    way."""
    slow = _float_sql(lenient_sql(text, column))
    is_plain = style_of(column.decimal, column.thousands) is PLAIN
    if not is_plain or any(_is_number(token) for token in column.missing_tokens):
        return slow
    number = f"TRY_CAST({text} AS DOUBLE)"
    # CASE and not coalesce: DuckDB would compute the shared parts of coalesce's branches for every row.
    return f"CASE WHEN isfinite({number}) THEN {_float_sql(number)} ELSE {slow} END"


def _float_sql(number: str) -> str:
    # Out of float32's range is ±Inf for the model in any case; DuckDB would raise.
    return f"coalesce(TRY_CAST(CAST({number} AS DOUBLE) AS FLOAT), CAST('nan' AS FLOAT))"


def _is_number(token: str) -> bool:
    try:
        return math.isfinite(float(token))
    except ValueError:
        return False


def _find_columns(raw: RawTable, wanted: Sequence[Column], source: Path) -> list[int]:
    found: dict[str, int] = {}
    for i, written in enumerate(raw.written):
        found.setdefault(" ".join(written.replace("\ufeff", "").split()), i)
    exact = {written: i for i, written in reversed(list(enumerate(raw.written)))}
    positions = []
    for column in wanted:
        places = [
            found.get(column.name),
            exact.get(column.source_name),
            found.get(column.source_name.strip()),
            None if raw.has_header else _by_number(column, len(raw.written)),
        ]
        position = next((place for place in places if place is not None), None)
        if position is None:
            raise _missing(column, list(found), source)
        positions.append(position)
    return positions


def _by_number(column: Column, width: int) -> int | None:
    """In a file without header, "column_3" is the third."""
    digits = column.name.removeprefix("column_")
    return int(digits) - 1 if digits.isascii() and digits.isdigit() and 0 < int(digits) <= width else None


def _missing(column: Column, names: list[str], source: Path) -> BadData:
    near = difflib.get_close_matches(
        column.name.casefold(), [name.casefold() for name in names], n=1, cutoff=0.0
    )
    nearest = next((name for name in names if near and name.casefold() == near[0]), "")
    hint = f" The nearest name there is {nearest!r}." if nearest else ""
    return BadData(
        f"{source.name!r} has no column {column.name!r}. Expected every column the model reads. "
        f"Received {len(names)} other columns.{hint}",
        remedy=f"Add the column {column.name!r} to the file, or rename the one that holds it.",
    )


def _refuse_rejected(raw: RawTable, source: Path) -> None:
    if raw.first_reject is None:
        return
    line, reason = raw.first_reject
    raise BadData(
        f"{source.name!r} has rows that do not fit, the first on line {line:,}. {reason} "
        f"Received {raw.rejected:,} such rows, and every row needs its own answer.",
        remedy="Mend or remove these rows.",
    )


def _checked(connection: duckdb.DuckDBPyConnection, raw: RawTable, source: Path) -> RawTable:
    """Count the rows of a file that is read the fast way before the first answer is given."""
    if raw.retry is None:
        return raw
    try:
        last = quote_name(raw.columns[-1])
        rows = connection.execute(f"SELECT count(*), count({last}) FROM {raw.relation}").fetchall()[0][0]
    except duckdb.Error:
        rows = -1
    if rows == raw.expected():
        return raw
    careful = raw.retry()
    _refuse_rejected(careful, source)
    return careful
