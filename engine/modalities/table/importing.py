"""Import a table: any file people have in, Parquet + schema + rejected rows + summary out."""

from __future__ import annotations

import errno
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import duckdb

from engine.errors import NoSpace, WorkFailed
from engine.files import write_json
from engine.modalities.table.convert import LATE_VALUE, is_clean, strict_sql
from engine.modalities.table.database import open_database
from engine.modalities.table.decide import Decision, decide_columns
from engine.modalities.table.evidence import Evidence, gather
from engine.modalities.table.finish import count_infinite, count_unclean, finish_columns
from engine.modalities.table.header import unique_names
from engine.modalities.table.limits import ImportLimits
from engine.modalities.table.opening import open_table
from engine.modalities.table.records import Rejects, refuse_no_rows
from engine.modalities.table.source import RawTable, Workplace
from engine.providers.local_file import check_file
from engine.specs.codec import to_json
from engine.specs.dataset import ImportSummary
from engine.specs.schema import Column, Schema
from engine.sql import quote_name, quote_text

DATA, SCHEMA, REJECTS, SUMMARY = "data.parquet", "schema.json", "rejects.csv", "import.json"
_ROW_GROUP_ROWS = 122_880
_ROW_GROUP_CELLS = 8_000_000
#: A column with more distinct values in a row group is written without a dictionary. DuckDB's own bound, a fifth of the
#: rows, fills and throws away a large table for every column of measured numbers: a fifth of the writing time.
_DICTIONARY_SIZE = 4096


def import_table(
    source: Path, folder: Path, *, limits: ImportLimits, progress: Callable[[float], None]
) -> ImportSummary:
    """Read `source` (CSV, TSV, Parquet, JSON lines, Excel; also gzip-compressed) into `folder`.

    Writes data.parquet (columns as `Schema` promises, rows in file order), schema.json, rejects.csv (line, reason,
    text: every row that is not in the data) and import.json. Memory stays within `limits`, whatever the file's size.
    Args:    folder: exists, private to this call; the caller publishes it.   progress: called with shares 0 … 1.
    Raises:  BadCommand when the path is wrong, BadData when the file holds no table, NoSpace when the disk is full.
    """
    check_file(source)
    try:
        with Rejects(folder / REJECTS) as rejects:
            place = Workplace(folder=folder, limits=limits, rejects=rejects, progress=progress)
            summary = _import(source, place)
    except OSError as problem:
        if problem.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise _no_space(str(problem.strerror)) from None
        raise
    except duckdb.IOException as problem:
        if "space" in str(problem).lower():
            raise _no_space(str(problem)) from None
        raise WorkFailed(
            f"DuckDB could not read or write a file: {str(problem)[:300]}.",
            remedy="Check the disk and run it again.",
        ) from None
    except duckdb.OutOfMemoryException as problem:
        raise WorkFailed(
            f"The import needs more memory than it may use ({limits.memory_bytes:,} bytes): {str(problem)[:200]}.",
            remedy="Give it more memory, or import fewer columns.",
        ) from None
    finally:
        for left in folder.glob(".tmp-*"):
            left.unlink(missing_ok=True)
    write_json(folder / SUMMARY, to_json(summary))
    progress(1.0)
    return summary


def _import(source: Path, place: Workplace) -> ImportSummary:
    raw = open_table(source, place)
    names, name_notes = unique_names(raw.written, max_columns=place.limits.max_columns)
    data = place.folder / DATA
    place.progress(0.5)
    with open_database(place.limits) as connection:
        # A list of tokens is a chain of comparisons; as joins, hundreds of them would take gigabytes.
        connection.execute("SET disabled_optimizers = 'in_clause'")
        try:
            raw, decisions, rows, redo_notes = _convert(connection, raw, names, data, place)
        except duckdb.Error as problem:
            if raw.retry is None or isinstance(problem, (duckdb.IOException, duckdb.OutOfMemoryException)):
                raise
            raw, decisions, rows, redo_notes = _convert(connection, raw.retry(), names, data, place)
        if raw.retry is not None and rows != raw.expected():
            raw, decisions, rows, redo_notes = _convert(connection, raw.retry(), names, data, place)
        place.progress(0.9)
        if rows == 0:
            raise refuse_no_rows(source.name, raw.has_header)
        if raw.expected() not in {None, rows}:
            raise WorkFailed(
                f"Rows were lost while importing. Expected {raw.expected():,} rows. Received {rows:,}.",
                remedy="Report this file's first lines to the makers of AI Mass.",
            )
        decided = [replace(d.column, trim=d.column.trim or raw.cuts_blanks) for d in decisions]
        columns, notes = finish_columns(connection, data, decided, rows)
    schema = Schema(columns=tuple(columns))
    write_json(place.folder / SCHEMA, to_json(schema))
    told = [note for decision in decisions for note in decision.notes]
    numbers = [(c.decimal, c.thousands) for c in columns if c.physical != "string"]
    decimal, thousands = max(set(numbers), key=numbers.count) if numbers else (".", "")
    return ImportSummary(
        format=raw.format,
        bytes=source.stat().st_size,
        rows_read=rows + raw.rejected,
        rows_imported=rows,
        rows_rejected=raw.rejected,
        encoding=raw.encoding,
        delimiter=raw.delimiter,
        quote=raw.quote,
        decimal=decimal,
        thousands=thousands,
        has_header=raw.has_header,
        notes=(*raw.notes, *name_notes, *told, *redo_notes, *notes),
    )


def _convert(
    connection: duckdb.DuckDBPyConnection, raw: RawTable, names: Sequence[str], data: Path, place: Workplace
) -> tuple[RawTable, list[Decision], int, list[str]]:
    """Guess types from the sample and write; where a later value breaks a guess, decide again from all rows."""
    connection.execute(f"CREATE OR REPLACE TEMP TABLE sample AS SELECT * FROM {raw.sample}")
    evidence = _gather(connection, raw, "sample", lambda share: place.progress(0.5 + 0.1 * share))
    connection.execute("DROP TABLE sample")
    decisions = _decide(raw, names, evidence)
    notes: list[str] = []
    try:
        rows = _write(connection, raw, decisions, evidence, data)
    except duckdb.Error as problem:
        if not _is_late_value(problem):
            raise
        evidence = _gather(connection, raw, raw.relation, lambda share: place.progress(0.6 + 0.2 * share))
        decisions = _decide(raw, names, evidence)
        rows = _write(connection, raw, decisions, evidence, data)
    if _add_late_evidence(connection, data, raw, decisions, evidence):
        decisions = [_with_trim(decision, item) for decision, item in zip(decisions, evidence, strict=True)]
        rows = _write(connection, raw, decisions, evidence, data)
    for decision, item in zip(decisions, evidence, strict=True):
        if item.infinite and decision.column.physical == "double":
            notes.append(
                f"Column {decision.column.name!r}: {item.infinite:,} infinite numbers were read as missing."
            )
    return raw, decisions, rows, notes


def _add_late_evidence(
    connection: duckdb.DuckDBPyConnection,
    data: Path,
    raw: RawTable,
    decisions: Sequence[Decision],
    evidence: Sequence[Evidence],
) -> bool:
    """Look in the written table for what the sample did not show: infinite numbers, outer blanks, tokens."""
    infinite = count_infinite(connection, data, [decision.column for decision in decisions])
    unclean = count_unclean(
        connection,
        data,
        [d.column for i, d in enumerate(decisions) if i not in raw.native and is_clean(evidence[i])],
    )
    for decision, item in zip(decisions, evidence, strict=True):
        item.infinite = max(item.infinite, infinite.get(decision.column.name, 0))
        blanks, tokens = unclean.get(decision.column.name, (0, 0))
        item.blanks, item.tokens = max(item.blanks, blanks), max(item.tokens, tokens)
    return bool(infinite or unclean)


def _with_trim(decision: Decision, evidence: Evidence) -> Decision:
    return replace(
        decision, column=replace(decision.column, trim=decision.column.trim or evidence.blanks > 0)
    )


def _gather(
    connection: duckdb.DuckDBPyConnection, raw: RawTable, relation: str, progress: Callable[[float], None]
) -> list[Evidence]:
    """Evidence of every column; a native number column needs none."""
    texts = [i for i in range(len(raw.written)) if i not in raw.native]
    found = [Evidence(present=0, blanks=0, tokens=0, numbers=0) for _ in raw.written]
    gathered = gather(connection, relation, [f"c{i}" for i in texts], progress)
    for position, evidence in zip(texts, gathered, strict=True):
        found[position] = evidence
    return found


def _decide(raw: RawTable, names: Sequence[str], evidence: Sequence[Evidence]) -> list[Decision]:
    decisions, _ = decide_columns(names, [w or n for w, n in zip(raw.written, names, strict=True)], evidence)
    for position, (physical, _sql) in raw.native.items():
        column = Column(
            name=names[position],
            source_name=raw.written[position],
            physical="int64" if physical == "int64" else "double",
            semantic="number",
        )
        decisions[position] = Decision(column=column)
    return decisions


def _write(
    connection: duckdb.DuckDBPyConnection,
    raw: RawTable,
    decisions: Sequence[Decision],
    evidence: Sequence[Evidence],
    data: Path,
) -> int:
    selects = []
    for position, (decision, item) in enumerate(zip(decisions, evidence, strict=True)):
        column = decision.column
        if position in raw.native:
            value = raw.native[position][1]
        else:
            value = strict_sql(f"c{position}", column, is_clean=is_clean(item))
        selects.append(f"{value} AS {quote_name(column.name)}")
    group = max(2048, min(_ROW_GROUP_ROWS, _ROW_GROUP_CELLS // len(selects)))
    options = (
        f"FORMAT parquet, PARQUET_VERSION V2, ROW_GROUP_SIZE {group}, "
        f"DICTIONARY_SIZE_LIMIT {min(_DICTIONARY_SIZE, group // 5)}"
    )
    result = connection.execute(
        f"COPY (SELECT {', '.join(selects)} FROM {raw.relation}) TO {quote_text(str(data))} ({options})"
    ).fetchall()
    return int(result[0][0])


def _is_late_value(problem: duckdb.Error) -> bool:
    return isinstance(problem, (duckdb.ConversionException, duckdb.OutOfRangeException)) or LATE_VALUE in str(
        problem
    )


def _no_space(detail: str) -> NoSpace:
    return NoSpace(
        "The disk is full; nothing of the imported table was kept. Expected room for the table. "
        f"Received: {detail.split('{')[0].strip()[:100]}",
        remedy="Free some space, or choose another --out on a larger disk, and run it again.",
    )
