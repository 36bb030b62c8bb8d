"""Compile a feature plan into Parquet: float32 columns, training rows shuffled, one folder per view."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from engine.families.base import Family
from engine.files import publish_folder, write_json
from engine.specs.features import GRAPH_VIEWS, FeaturePlan
from engine.specs.schema import Schema
from engine.specs.training import TaskSpec
from engine.sql import parquet, quote_name, quote_text
from engine.training.feature_rows import DESCRIPTION
from engine.transforms.base import TrainingRows
from engine.transforms.canonical import sql_form
from engine.transforms.compile_sql import view_cardinalities, view_columns

#: Rows of a Parquet row group: what a streaming reader holds at a time.
ROW_GROUP = 61_440
#: Validation rows below this number are topped up with training rows, for the parity gate.
PARITY_ROWS = 1_000
#: Rows written at least, and for each second of training: what a network reads while it learns on two cores, several
#: passes together, measured. A picture costs a hundred times the work of a table's row, and the room.
_LEAST_ROWS = (500_000, 20_000)
_LEAST_PICTURES = (50_000, 500)
_LARGEST_HASH = 2**64 - 1
_KEPT = ("_row", "_fold", "_y")


@dataclass(frozen=True, kw_only=True)
class Part:
    """Which prepared rows a plan is fitted and models are trained on, and which judge them: two SQL sources."""

    train: str
    valid: str

    @classmethod
    def as_split(cls, rows: Path) -> Part:
        """Return the split's own training and validation rows.   rows: folder of `prepare_rows`."""
        return cls(train=parquet(rows / "train.parquet"), valid=parquet(rows / "valid.parquet"))

    @classmethod
    def whole(cls, rows: Path) -> Part:
        """Return all rows for training, none for judging."""
        both = _both(rows)
        return cls(train=both, valid=f"(SELECT * FROM {both} WHERE false)")


@dataclass(frozen=True, kw_only=True)
class Sample:
    """Which training rows are written, and in which order.   most_rows: about so many; None for all."""

    seed: int
    most_rows: int | None = None


def most_rows(members: Sequence[Family], view: str, seconds: float) -> int | None:
    """Return how many training rows of `view` the families in it can read in `seconds`; None for all.

    Writing features that nobody reads would take the time away from training.
    """
    limits = [member.max_rows for member in members if member.view == view]
    least, per_second = _LEAST_PICTURES if view in GRAPH_VIEWS else _LEAST_ROWS
    readable = max(least, int(seconds * per_second))
    known = [limit for limit in limits if limit is not None]
    return min(readable, max(known)) if known and len(known) == len(limits) else readable


def prepare_rows(
    connection: duckdb.DuckDBPyConnection,
    *,
    data: Path,
    split: Path,
    schema: Schema,
    task: TaskSpec,
    folder: Path,
) -> None:
    """Write folder/{train,valid}.parquet: raw columns, `_row`, `_fold` and `_y`; kept when already whole.

    data: Parquet of the raw columns.  split: Parquet of `_row`, `_set`, `_fold`.
    """
    if folder.exists():
        return
    # Pictures are read from the data itself, by row number.
    names = ", ".join(
        f"d.{quote_name(column.name)}"
        for column in schema.columns
        if column.name not in _KEPT and column.physical != "image"
    )
    target = f"d.{quote_name(task.target)}"
    answer = f"CAST({target} AS DOUBLE)"
    if task.classes:
        known = ", ".join(quote_text(name) for name in task.classes)
        answer = f"CAST(list_position([{known}], CAST({target} AS VARCHAR)) - 1 AS INTEGER)"

    def fill(place: Path) -> None:
        for name in ("train", "valid"):
            connection.execute(
                f"COPY (SELECT {names}, s._row, s._fold, {answer} AS _y "
                f"FROM {parquet(data, numbered=True)} d "
                f"JOIN (SELECT _row, _fold FROM {parquet(split)} WHERE _set = '{name}') s "
                f"ON d.file_row_number = s._row) TO {quote_text(str(place / f'{name}.parquet'))} "
                f"(FORMAT parquet, ROW_GROUP_SIZE {ROW_GROUP})"
            )

    publish_folder(folder, fill)


def training_rows(
    connection: duckdb.DuckDBPyConnection, part: Part, *, classes: int, folds: int, seed: int
) -> TrainingRows:
    """Return the training rows that a plan may be fitted on."""
    connection.execute(f"CREATE OR REPLACE TEMP VIEW train AS SELECT * FROM {part.train}")
    return TrainingRows(connection, folds=folds, classes=classes, seed=seed)


def materialise(
    connection: duckdb.DuckDBPyConnection,
    *,
    part: Part,
    schema: Schema,
    plan: FeaturePlan,
    view: str,
    folder: Path,
    sample: Sample,
) -> None:
    """Write folder/<view>: train, valid and extra Parquet plus a description; kept when already whole.

    Columns: f0, f1 … FLOAT (missing is NaN), `_y` DOUBLE, `_row` BIGINT and `_fold` TINYINT.
    train: out-of-fold values, in an order shuffled by `_row` and the seed, so that batches are mixed; about
    `sample.most_rows` of them, chosen by the same hash.
    valid: in row order.  extra: up to 1,000 training rows as the published model will see them.
    plan: fitted on the part's training rows.
    """
    if (folder / view).exists():
        return
    served = view_columns(plan, view, schema, fold=None)
    out_of_fold = view_columns(plan, view, schema, fold="_fold")
    cardinalities = view_cardinalities(plan, view, schema)
    drawn = draw(connection, part.train, sample)

    def fill(place: Path) -> None:
        counts: dict[str, int] = {}
        for name, columns, order, limit in (
            ("train", out_of_fold, shuffled(sample), drawn),
            ("valid", served, "_row", ""),
            ("extra", served, shuffled(sample), f"{drawn} ORDER BY {shuffled(sample)} LIMIT {PARITY_ROWS}"),
        ):
            source = f"(SELECT * FROM {part.valid if name == 'valid' else part.train}{limit})"
            query = _features_query(schema, plan, [code for _, code in columns], source)
            target = quote_text(str(place / f"{name}.parquet"))
            (counts[name],) = connection.execute(
                f"COPY ({query} ORDER BY {order}) TO {target} (FORMAT parquet, ROW_GROUP_SIZE {ROW_GROUP})"
            ).fetchall()[0]
        folds = connection.execute(
            f"SELECT _fold, count(*) FROM {parquet(place / 'train.parquet')} GROUP BY _fold ORDER BY _fold"
        ).fetchall()
        write_json(
            place / DESCRIPTION,
            {
                "columns": [label for label, _ in served],
                "cardinalities": {str(position): count for position, count in cardinalities.items()},
                "rows": counts,
                "fold_rows": {str(fold): count for fold, count in folds},
            },
        )

    publish_folder(folder / view, fill)


def shuffled(sample: Sample) -> str:
    """Return the SQL after ORDER BY that mixes rows by their number and the seed."""
    return f"{mixed(sample)}, _row"


def mixed(sample: Sample) -> str:
    """Return the SQL UBIGINT that mixes rows; of two that are equal, the earlier row is first."""
    return f"hash(_row, {sample.seed})"


def draw(connection: duckdb.DuckDBPyConnection, source: str, sample: Sample) -> str:
    """Return the SQL after `source` that draws the sample of its rows."""
    threshold = _threshold(connection, source, sample.most_rows)
    return f" WHERE {mixed(sample)} <= {threshold}"


def _both(rows: Path) -> str:
    files = [parquet(rows / f"{name}.parquet") for name in ("train", "valid")]
    return f"(SELECT * FROM {files[0]} UNION ALL SELECT * FROM {files[1]})"


def _threshold(connection: duckdb.DuckDBPyConnection, source: str, most: int | None) -> int:
    """Return the largest hash that is still drawn, so that about `most` of the rows of `source` are."""
    (count,) = connection.execute(f"SELECT count(*) FROM {source}").fetchall()[0]
    share = 1.0 if most is None or most >= count else most / count
    return min(_LARGEST_HASH, int(share * _LARGEST_HASH))


def _features_query(schema: Schema, plan: FeaturePlan, codes: Sequence[str], source: str) -> str:
    """Return the query for f0, f1 …, `_y`, `_row` and `_fold` over `source`, each raw column made canonical once.

    DuckDB repeats the operand of `CASE x WHEN …` in every branch: with the canonical form written out in
    each, 20,000 rows × 20 columns took 13 s instead of 0.1 s.
    """
    columns = [schema.column(name) for name in plan.used_columns]
    forms = {sql_form(column): f'"_canonical_{i}"' for i, column in enumerate(columns)}
    inner = "".join(f"{form} AS {name}, " for form, name in forms.items())
    outer = []
    for position, code in enumerate(codes):
        for form, name in forms.items():
            code = code.replace(form, name)
        outer.append(f"coalesce({code}, CAST('NaN' AS FLOAT)) AS f{position}")
    return (
        f"SELECT {', '.join(outer)}, CAST(_y AS DOUBLE) AS _y, _row, _fold "
        f"FROM (SELECT {inner}_row, _fold, _y FROM {source})"
    )
