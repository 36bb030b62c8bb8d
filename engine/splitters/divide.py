"""Divide the labelled rows of a table into training, validation and test, in bounded memory.

The rows become *units* that never part (exact duplicates at least). Per stratum, the few large units are
placed one by one; the many small ones are cut in order of their number, which is a hash of the row's content
and the seed. So a row's set depends on the data and the seed, never on file order, threads or chance.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import duckdb

from engine.errors import BadCommand, BadData, InvalidSpec
from engine.files import temporary_beside
from engine.specs.schema import Schema
from engine.specs.split import SETS, SetName, SplitSpec, SplitSummary
from engine.specs.training import TaskSpec
from engine.splitters import splitter
from engine.splitters.base import TARGET_BINS, Facts, Splitter
from engine.splitters.given import check_sets, twin
from engine.splitters.placement import Cut, Stratum, Unit, place
from engine.splitters.summary import summarise
from engine.sql import parquet, quote_name, quote_text
from engine.words import words

#: A unit is placed by itself when it is more than this share of its stratum: at most 100 are.
LARGE_UNIT_SHARE = 0.01
_EDGE_SAMPLE = 1_000_000
_TABLES = (
    "_split_labels",
    "_split_base",
    "_split_rows",
    "_split_units",
    "_split_placed",
    "_split_cuts",
    "_split_sets",
)


def divide(
    connection: duckdb.DuckDBPyConnection,
    data: Path,
    schema: Schema,
    task: TaskSpec,
    spec: SplitSpec,
    out: Path,
) -> SplitSummary:
    """Write which set every labelled row of `data` belongs to.

    Args:    data: Parquet whose columns are `schema`'s.   out: Parquet to write, in file order:
             `_row` BIGINT (0-based row of `data`), `_set` VARCHAR (train, valid, test), `_fold` TINYINT
             (0 … folds-1, balanced among training rows). Rows without a (finite) target are left out.
    Returns: what came out, counted in the written rows.
    Raises:  InvalidSpec or BadCommand for shares, folds or a column that cannot be; BadData when there are
             fewer than three units, or a class has no training row.
    """
    chosen = splitter(spec.splitter)
    _check(spec, chosen, schema, task)
    if chosen.given:
        check_sets(connection, data, spec)
    with _temporary_tables(connection):
        facts = _number_rows(connection, data, schema, task, spec, chosen)
        _build_units(connection, task, spec, chosen, facts)
        given = _place_units(connection, spec, chosen)
        _write(connection, out, spec)
        summary = summarise(connection, out, schema, spec, rows_of_data=_count(connection, data))
    _check_sets_filled(summary)
    _check_training_classes(task, spec, summary)
    return replace(summary, given=given)


def _check(spec: SplitSpec, chosen: Splitter, schema: Schema, task: TaskSpec) -> None:
    for name, share in (("valid_share", spec.valid_share), ("test_share", spec.test_share)):
        if not 0 < share < 0.5:
            raise InvalidSpec(
                f"`{name}` is out of range. Expected: a share between 0 and 0.5. Received: {share!r}.",
                remedy=f"Set `{name}` to 0.2, or another share of the rows.",
            )
    if not 2 <= spec.folds <= 100:
        raise InvalidSpec(
            f"`folds` is out of range. Expected: 2 to 100. Received: {spec.folds!r}.",
            remedy="Set `folds` to 5.",
        )
    if not chosen.needs:
        return
    column = schema.by_name.get(spec.column or "")
    if column is None or column.name == task.target:
        raise BadCommand(
            f"The split {chosen.name!r} needs a {chosen.needs} column other than the target. "
            f"Received: {spec.column!r}.",
            remedy=f"Name one of these columns: {', '.join(schema.without(task.target).names[:10])}.",
        )
    if chosen.needs == "time" and column.physical == "string" and column.datetime_format is None:
        raise BadCommand(
            f"Column {column.name!r} cannot order rows by time: it holds text that is not a date.",
            remedy="Set `column` of the split to a date or number column.",
        )


@contextmanager
def _temporary_tables(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    try:
        yield
    finally:
        for table in _TABLES:
            connection.execute(f"DROP TABLE IF EXISTS {table}")


def _number_rows(
    connection: duckdb.DuckDBPyConnection,
    data: Path,
    schema: Schema,
    task: TaskSpec,
    spec: SplitSpec,
    chosen: Splitter,
) -> Facts:
    """Make `_split_base`: _row, _content (hash of all columns), _label, _y, _key of every labelled row."""
    target = quote_name(task.target)
    source = parquet(data, numbered=True)
    # Pictures that have names of their own differ by these; their bytes need not be read once more.
    is_named = any(column.semantic == "identifier" for column in schema.columns)
    compared = [column.name for column in schema.columns if not (is_named and column.physical == "image")]
    content = f"hash({', '.join(quote_name(name) for name in compared)})"
    own = f", {twin(schema, spec, task.target)} AS _twin" if chosen.given else ""
    held = ", _twin" if own else ""
    if task.classes:
        connection.execute(
            f"CREATE TEMP TABLE _split_labels AS SELECT class, count(*) AS size, "
            f"row_number() OVER (ORDER BY count(*), class) - 1 AS place FROM "
            f"(SELECT CAST({target} AS VARCHAR) AS class FROM {source} WHERE {target} IS NOT NULL) "
            "GROUP BY class"
        )
        label, value, present = f"CAST({target} AS VARCHAR)", "NULL::DOUBLE", f"{target} IS NOT NULL"
        joined = "place::INTEGER AS _label", "JOIN _split_labels ON class = _class"
    else:
        label, value, present = "''", f"{target}::DOUBLE", f"isfinite({target}::DOUBLE)"
        joined = "0 AS _label", ""
    connection.execute(
        f"CREATE TEMP TABLE _split_base AS SELECT _row, _content, {joined[0]}, _y, _key{held} FROM ("
        f"SELECT file_row_number AS _row, {content} AS _content, {label} AS _class, {value} AS _y, "
        f"{chosen.key(schema, spec)} AS _key{own} FROM {source} WHERE {present}) {joined[1]}"
    )
    rows, earliest, latest = _one(connection, "SELECT count(*), min(_key), max(_key) FROM _split_base")
    if task.classes:
        sizes = connection.execute("SELECT size FROM _split_labels ORDER BY place").fetchall()
        return Facts(rows=rows, strata=tuple(size for (size,) in sizes), earliest=earliest, latest=latest)
    edges = _target_edges(connection, rows)
    return Facts(rows=rows, edges=edges, earliest=earliest, latest=latest)


def _target_edges(connection: duckdb.DuckDBPyConnection, rows: int) -> tuple[float, ...]:
    """Inner quantiles of the target, over a sample chosen by content so that file order plays no part."""
    shares = [position / TARGET_BINS for position in range(1, TARGET_BINS)]
    step = max(1, rows // _EDGE_SAMPLE)
    sampled = f"WHERE hash(_content) % {step} = 0" if step > 1 else ""
    (edges,) = connection.execute(
        f"SELECT quantile_disc(_y, {shares}) FROM _split_base {sampled}"
    ).fetchall()[0]
    return tuple(sorted(set(edges or ())))


def _build_units(
    connection: duckdb.DuckDBPyConnection, task: TaskSpec, spec: SplitSpec, chosen: Splitter, facts: Facts
) -> None:
    """Make `_split_rows` (_row, _content, _unit) and `_split_units` (unit, stratum, size).

    A unit that reaches over several strata (a group with several classes) counts in that of its rarest class.
    """
    stratum = chosen.stratum(task, facts)
    if not task.classes and facts.edges:
        sizes = connection.execute(f"SELECT {stratum} AS s, count(*) FROM _split_base GROUP BY s").fetchall()
        by_index = dict(sizes)
        strata = tuple(by_index.get(index, 0) for index in range(len(facts.edges) + 1))
        facts = Facts(
            rows=facts.rows, strata=strata, edges=facts.edges, earliest=facts.earliest, latest=facts.latest
        )
    held = ", _twin" if chosen.given else ""
    connection.execute(
        f"CREATE TEMP TABLE _split_rows AS SELECT _row, _content, _label, _stratum, _key{held}, "
        f"{chosen.unit(spec, facts)} AS _unit "
        f"FROM (SELECT *, ({stratum})::INTEGER AS _stratum FROM _split_base)"
    )
    connection.execute("DROP TABLE _split_base")
    connection.execute(
        "CREATE TEMP TABLE _split_units AS SELECT _unit AS unit, min(_stratum) AS stratum, count(*) AS size "
        "FROM _split_rows WHERE _unit IS NOT NULL GROUP BY _unit"
    )
    (units,) = _one(connection, "SELECT count(*) FROM _split_units")
    if units < len(SETS):
        what = {"group": "groups", "time": "moments"}.get(chosen.needs, "different rows")
        raise BadData(
            f"The rows cannot be divided into training, validation and test. Expected: at least 3 {what}. "
            f"Received: {units}.",
            remedy="Use data with more rows."
            if not chosen.needs
            else "Choose another column, or the random split.",
        )


def _place_units(
    connection: duckdb.DuckDBPyConnection, spec: SplitSpec, chosen: Splitter
) -> tuple[SetName, ...]:
    """Make `_split_sets` (unit, set, fold); returns the sets that the data named."""
    connection.execute("CREATE TEMP TABLE _split_placed (unit BIGINT, name VARCHAR, fold INTEGER)")
    given = _keep_given(connection, spec, chosen) if chosen.given else ()
    strata = [
        Stratum(index=index, rows=int(rows), units=units)
        for index, rows, units in connection.execute(
            "SELECT stratum, sum(size), count(*) FROM _split_units GROUP BY stratum ORDER BY stratum"
        ).fetchall()
    ]
    large = [] if chosen.ordered else _large_units(connection)
    placed, targets = place(strata, large, spec, filled=frozenset(given) - {"train"})
    if placed:
        connection.executemany("INSERT INTO _split_placed VALUES (?, ?, ?)", placed)
    connection.execute(
        "CREATE TEMP TABLE _split_sets AS SELECT unit, stratum, row_number() OVER w AS place, "
        "(sum(size) OVER w)::DOUBLE - size / 2.0 AS middle FROM _split_units "
        "WHERE unit NOT IN (SELECT unit FROM _split_placed) WINDOW w AS (PARTITION BY stratum ORDER BY unit)"
    )
    connection.execute("DROP TABLE _split_units")
    _cut(connection, targets)
    connection.execute(
        "CREATE TEMP TABLE _split_units AS SELECT unit, CASE WHEN place <= test_units THEN 'test' "
        "WHEN place <= test_units + valid_units THEN 'valid' ELSE 'train' END AS name, "
        f"(place + stratum) % {spec.folds} AS fold FROM _split_sets JOIN _split_cuts USING (stratum) "
        "UNION ALL SELECT unit, name, fold FROM _split_placed"
    )
    return given


def _keep_given(
    connection: duckdb.DuckDBPyConnection, spec: SplitSpec, chosen: Splitter
) -> tuple[SetName, ...]:
    """Place the units that the data put in a set; training stays to be cut where no set is for validation."""
    found = connection.execute(f"SELECT DISTINCT {chosen.given} FROM _split_units").fetchall()
    given = tuple(name for name in SETS if (name,) in found)
    if not {"train", "test"} <= set(given):
        raise BadData(
            words(
                "The rows cannot be divided as {column!r} says. Expected: rows for training and for the test that "
                "have an answer. Received: {given}.",
                column=spec.column,
                given=", ".join(given) or "none",
            ),
            remedy=words("Choose another column, or the random split."),
        )
    which = "true" if "valid" in given else f"{chosen.given} <> 'train'"
    connection.execute(
        f"INSERT INTO _split_placed SELECT unit, {chosen.given}, unit % {spec.folds} FROM _split_units WHERE {which}"
    )
    connection.execute("DELETE FROM _split_units WHERE unit IN (SELECT unit FROM _split_placed)")
    return given


def _large_units(connection: duckdb.DuckDBPyConnection) -> list[Unit]:
    found = connection.execute(
        "SELECT unit, stratum, size FROM _split_units JOIN "
        "(SELECT stratum, sum(size) AS rows FROM _split_units GROUP BY stratum) USING (stratum) "
        f"WHERE size > 1 AND size > {LARGE_UNIT_SHARE} * rows ORDER BY stratum, size DESC, unit"
    ).fetchall()
    return [Unit(unit=unit, stratum=stratum, rows=size) for unit, stratum, size in found]


def _cut(connection: duckdb.DuckDBPyConnection, targets: list[Cut]) -> None:
    """Make `_split_cuts`: how many of each stratum's small units, in order, go to test, then validation."""
    connection.execute("CREATE TEMP TABLE _split_cuts (stratum INTEGER, test_rows DOUBLE, both_rows DOUBLE)")
    wanted = [(cut.stratum, cut.test_rows, cut.test_rows + cut.valid_rows) for cut in targets]
    if wanted:
        connection.executemany("INSERT INTO _split_cuts VALUES (?, ?, ?)", wanted)
    counted = connection.execute(
        "SELECT stratum, count(*), count(*) FILTER (middle <= test_rows), "
        "count(*) FILTER (middle <= both_rows) "
        "FROM _split_sets JOIN _split_cuts USING (stratum) GROUP BY stratum ORDER BY stratum"
    ).fetchall()
    by_stratum = {cut.stratum: cut for cut in targets}
    cuts = [
        (stratum, *by_stratum[stratum].units(units, test, both - test))
        for stratum, units, test, both in counted
    ]
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE _split_cuts (stratum INTEGER, test_units BIGINT, valid_units BIGINT)"
    )
    if cuts:
        connection.executemany("INSERT INTO _split_cuts VALUES (?, ?, ?)", cuts)


def _write(connection: duckdb.DuckDBPyConnection, out: Path, spec: SplitSpec) -> None:
    temporary = temporary_beside(out)
    try:
        connection.execute(
            "COPY (SELECT _row, coalesce(name, 'train') AS _set, "
            f"coalesce(fold, hash(_content) % {spec.folds})::TINYINT AS _fold "
            "FROM _split_rows LEFT JOIN _split_units ON unit = _unit ORDER BY _row) "
            f"TO {quote_text(str(temporary))} (FORMAT parquet, COMPRESSION zstd)"
        )
        temporary.replace(out)
    finally:
        temporary.unlink(missing_ok=True)


def _check_sets_filled(summary: SplitSummary) -> None:
    empty = [name for name in SETS if not summary.rows[name]]
    if empty:
        raise BadData(
            words(
                "The rows cannot be divided into training, validation and test. Expected: rows for each. "
                "Received: none for {name!r}.",
                name=empty[0],
            ),
            remedy=words("Use data with more rows."),
        )


def _check_training_classes(task: TaskSpec, spec: SplitSpec, summary: SplitSummary) -> None:
    untrained = [name for name in task.classes if not summary.classes["train"].get(name)]
    if untrained:
        raise BadData(
            f"The split {spec.splitter!r} leaves no training row for the class {untrained[0]!r}. "
            "Expected: every class in training.",
            remedy="Use the stratified split, or remove the rows of this class.",
        )


def _count(connection: duckdb.DuckDBPyConnection, data: Path) -> int:
    (rows,) = _one(connection, f"SELECT count(*) FROM {parquet(data)}")
    return int(rows)


def _one(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[int, ...]:
    row = connection.execute(query).fetchone()
    return row if row is not None else ()
