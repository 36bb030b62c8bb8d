"""Find columns that hold the answer: copies of the target, what is known only afterwards, and names of rows.

Only training and validation rows are read, and at most `SAMPLE_CELLS` cells. A column is asked alone: the
target is learned from its values (categories, or up to 256 ranges of a number) on some rows, and told on
others, so a name that occurs once tells nothing. The folds keep exact duplicates together here too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from engine.specs.schema import Column, Schema
from engine.specs.split import Leak
from engine.specs.training import TaskSpec
from engine.splitters.evidence import Answers, Values, copied, present_only, skill
from engine.splitters.time import moment
from engine.sql import parquet, quote_name
from engine.words import words

#: How much of what the commonest answer leaves open (its errors; the variance of a number's ranks) one column
#: has to settle. Honest columns stay below: of 33 public tables the most is 0.97 (mushroom odour), then 0.73.
NEAR_PERFECT = 0.98
#: With fewer rows a column may look perfect by chance, and nothing is said.
LEAST_ROWS = 50
SAMPLE_ROWS = 50_000
SAMPLE_CELLS = 20_000_000
_BATCH_CELLS = 2_000_000
_ROWS = "_leak_rows"


def find_leaks(
    connection: duckdb.DuckDBPyConnection,
    data: Path,
    split: Path,
    schema: Schema,
    task: TaskSpec,
    *,
    given: str | None = None,
) -> tuple[Leak, ...]:
    """Return the columns that should not be used, at most one finding per column, in the schema's order;
    first the one that names the sets.

    Args:    data: Parquet whose columns are `schema`'s.   split: what `engine.splitters.divide` wrote for it.
             given: the column that named the sets, where one did.
    """
    # That pictures have names is nobody's mistake.
    unasked = ("constant", "image", "identifier") if schema.image is not None else ("constant",)
    columns = [c for c in schema.columns if c.name not in (task.target, given) and c.semantic not in unasked]
    try:
        rows = _sample_rows(connection, split, len(columns))
        answers = _answers(connection, data, task)
        leaks = [
            _ask(column, values, answers) for column, values in _read(connection, data, schema, columns, rows)
        ]
    finally:
        connection.execute(f"DROP TABLE IF EXISTS {_ROWS}")
    named = [_named(given)] if given is not None else []
    return (*named, *(leak for leak in leaks if leak is not None))


def _named(column: str) -> Leak:
    told = words("{name!r} names the set of each row, which a new row does not have.", name=column)
    return Leak(column=column, kind="set", score=0.0, message=told)


def _ask(column: Column, values: Values, answers: Answers) -> Leak | None:
    if column.semantic == "identifier":
        return Leak(
            column=column.name,
            kind="identifier",
            score=round(values.distinct / max(1, len(values.codes)), 4),
            message=words(
                "{name!r} names each row, and the name of a new row tells a model nothing.", name=column.name
            ),
        )
    if len(values.codes) < LEAST_ROWS:
        return None
    copy = copied(values, answers)
    if copy is not None:
        message = words("{name!r} is the target in other words: {copy}.", name=column.name, copy=copy)
        return Leak(column=column.name, kind="copy", score=1.0, message=message)
    only = present_only(values, answers)
    if only is not None:
        score, sentence = only
        message = words(
            "{name!r} {sentence}; it seems to be written after the outcome.",
            name=column.name,
            sentence=sentence,
        )
        return Leak(column=column.name, kind="predicts", score=round(score, 4), message=message)
    score = skill(values, answers)
    if score < NEAR_PERFECT:
        return None
    message = words(
        "{name!r} alone settles {percent:.1f} % of what the target leaves open, on rows it was not learned from; "
        "it may be known only after the outcome.",
        name=column.name,
        percent=100 * score,
    )
    return Leak(column=column.name, kind="predicts", score=round(score, 4), message=message)


def _sample_rows(connection: duckdb.DuckDBPyConnection, split: Path, columns: int) -> int:
    """Make the table of sampled rows with their part (fold, or 0 for validation) and count them."""
    most = max(LEAST_ROWS, min(SAMPLE_ROWS, SAMPLE_CELLS // max(1, columns)))
    source = f"{parquet(split)} WHERE _set <> 'test'"
    (total,) = connection.execute(f"SELECT count(*) FROM {source}").fetchall()[0]
    step = max(1, -(-total // most))
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {_ROWS} AS SELECT _row, "
        f"CASE WHEN _set = 'valid' THEN 0 ELSE _fold + 1 END AS part FROM {source} "
        f"AND hash(_row) % {step} = 0"
    )
    (rows,) = connection.execute(f"SELECT count(*) FROM {_ROWS}").fetchall()[0]
    return int(rows)


def _select(connection: duckdb.DuckDBPyConnection, data: Path, columns: str) -> pa.Table:
    """Read expressions over the raw columns (and `part`) of the sampled rows, always in one order."""
    source = parquet(data, numbered=True)
    # The columns are worked out before the join, so that no name of theirs can be mistaken for one of ours.
    query = (
        f"SELECT * EXCLUDE (_at, _row) FROM (SELECT {columns}, file_row_number AS _at FROM {source}) "
        f"JOIN {_ROWS} ON _row = _at ORDER BY _row"
    )
    return connection.sql(query).to_arrow_table()


def _answers(connection: duckdb.DuckDBPyConnection, data: Path, task: TaskSpec) -> Answers:
    target = quote_name(task.target)
    kind = "VARCHAR" if task.classes else "DOUBLE"
    table = _select(connection, data, f"CAST({target} AS {kind}) AS y")
    parts = table["part"].to_numpy().astype(np.int64)
    if not task.classes:
        return Answers.of_numbers(table["y"].to_numpy(), parts)
    codes = pa.compute.index_in(table["y"], pa.array(task.classes)).to_numpy().astype(np.int64)
    return Answers(y=codes, classes=task.classes, parts=parts)


def _read(
    connection: duckdb.DuckDBPyConnection, data: Path, schema: Schema, columns: Sequence[Column], rows: int
) -> Iterator[tuple[Column, Values]]:
    width = max(1, _BATCH_CELLS // max(1, rows))
    for start in range(0, len(columns), width):
        batch = columns[start : start + width]
        listed = [f"{_value(schema, column)} AS c{position}" for position, column in enumerate(batch)]
        table = _select(connection, data, ", ".join(listed))
        for position, column in enumerate(batch):
            values = table.column(position)
            is_text = pa.types.is_string(values.type) or pa.types.is_large_string(values.type)
            yield column, Values.of_text(values) if is_text else Values.of_numbers(values)


def _value(schema: Schema, column: Column) -> str:
    """A date is asked as a number: it may tell the target by its order."""
    is_date = column.semantic == "datetime" and column.datetime_format is not None
    return moment(schema, column.name) if is_date else quote_name(column.name)
