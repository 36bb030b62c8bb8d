"""Parquet files: numbers stay numbers, everything else becomes text and is understood like any other text."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from engine.errors import BadData
from engine.modalities.table.database import open_database
from engine.modalities.table.header import unique_names
from engine.modalities.table.source import RawTable, Workplace
from engine.specs.cells import MAX_WHOLE
from engine.sql import parquet

_SAMPLE_ROWS = 60_000
_SAMPLE_GROUPS = 200_000


def open_parquet(source: Path, place: Workplace) -> RawTable:
    """Make a Parquet file readable. Nested values become JSON text, binary ones are left empty; notes say so.

    Raises: BadData when the file is broken, has no columns or no rows.
    """
    try:
        with pq.ParquetFile(source) as file:
            schema, rows = file.schema_arrow, file.metadata.num_rows
    except (pa.ArrowException, OSError, ValueError) as problem:
        raise BadData(
            f"{source.name!r} cannot be read as Parquet. Expected a whole Parquet file. Received: "
            f"{str(problem)[:200]}.",
            remedy="Write or download it again.",
        ) from None
    if rows == 0 or not schema.names:
        raise BadData(
            f"The table in {source.name!r} has no rows. Expected at least one. Received {len(schema.names)} columns "
            "and no row.",
            remedy="Export the data again and check that it has rows.",
        )
    unique_names(schema.names, max_columns=place.limits.max_columns)
    aliases = ", ".join(f"p{i}" for i in range(len(schema.names)))
    inner = f"{parquet(source)} AS t({aliases})"
    kinds = [_kind(field.type) for field in schema]
    facts = _number_facts(inner, kinds, place)
    native, notes = _natives(schema.names, kinds, facts)
    texts = ", ".join(
        [f"{_as_text(f'p{i}', kind)} AS c{i}" for i, kind in enumerate(kinds)] + ["COLUMNS('^p[0-9]+$')"]
    )
    relation = f"(SELECT {texts} FROM {inner})"
    sampled = f"(SELECT * FROM {relation} LIMIT {_SAMPLE_ROWS})"
    if rows > _SAMPLE_GROUPS:
        sampled = f"(SELECT * FROM {relation} USING SAMPLE {_SAMPLE_ROWS} ROWS (reservoir, 1))"
    return RawTable(
        format="parquet",
        relation=relation,
        sample=sampled,
        written=tuple(schema.names),
        native=native,
        expected_rows=rows,
        notes=tuple(notes),
    )


def _kind(type_: pa.DataType) -> str:
    if pa.types.is_dictionary(type_):
        return _kind(type_.value_type)
    checks = (
        (pa.types.is_boolean, "boolean"),
        (pa.types.is_integer, "whole"),
        (pa.types.is_floating, "number"),
        (pa.types.is_decimal, "number"),
        (pa.types.is_date, "date"),
        (pa.types.is_timestamp, "moment"),
        (pa.types.is_nested, "nested"),
        (pa.types.is_null, "empty"),
    )
    for check, kind in checks:
        if check(type_):
            return kind
    is_binary = (
        pa.types.is_binary(type_) or pa.types.is_large_binary(type_) or pa.types.is_fixed_size_binary(type_)
    )
    return "binary" if is_binary else "text"


def _as_text(name: str, kind: str) -> str:
    if kind == "boolean":
        return f"CASE WHEN {name} THEN 'true' WHEN NOT {name} THEN 'false' END"
    if kind == "date":
        return f"strftime({name}, '%Y-%m-%d')"
    if kind == "moment":
        return f"strftime({name}, '%Y-%m-%d %H:%M:%S')"
    if kind == "nested":
        return f"CAST(to_json({name}) AS VARCHAR)"
    return "CAST(NULL AS VARCHAR)" if kind in {"binary", "empty"} else f"nullif(CAST({name} AS VARCHAR), '')"


def _number_facts(inner: str, kinds: list[str], place: Workplace) -> dict[int, float]:
    """Largest magnitude of whole numbers, count of infinite values of others."""
    selects = {
        i: f"max(abs(CAST(p{i} AS DOUBLE)))"
        if kind == "whole"
        else f"count(*) FILTER (isinf(CAST(p{i} AS DOUBLE)))"
        for i, kind in enumerate(kinds)
        if kind in {"whole", "number"}
    }
    if not selects:
        return {}
    with open_database(place.limits) as connection:
        row = connection.execute(f"SELECT {', '.join(selects.values())} FROM {inner}").fetchall()[0]
    return {i: float(value or 0) for i, value in zip(selects, row, strict=True)}


def _natives(
    names: list[str], kinds: list[str], facts: dict[int, float]
) -> tuple[dict[int, tuple[str, str]], list[str]]:
    native: dict[int, tuple[str, str]] = {}
    notes: list[str] = []
    for i, kind in enumerate(kinds):
        number = f"CAST(p{i} AS DOUBLE)"
        if kind == "whole" and facts[i] < MAX_WHOLE:
            native[i] = ("int64", f"CAST(p{i} AS BIGINT)")
        elif kind == "number":
            native[i] = ("double", f"CASE WHEN isfinite({number}) THEN {number} END")
            if facts[i]:
                notes.append(f"Column {names[i]!r}: {int(facts[i]):,} infinite numbers were read as missing.")
        elif kind == "nested":
            notes.append(f"Column {names[i]!r} holds nested values; they were kept as JSON text.")
        elif kind == "binary":
            notes.append(f"Column {names[i]!r} holds binary values; they were left out.")
    return native, notes
