"""As the data say: a column names the set of each row, and nothing is drawn but a validation set that is missing."""

from __future__ import annotations

from pathlib import Path

import duckdb

from engine.errors import BadData
from engine.specs.pictures import LOOK_ALIKES
from engine.specs.schema import Schema
from engine.specs.set_names import SET_NAMES, set_named
from engine.specs.split import SETS, SplitSpec
from engine.splitters.base import Facts, Splitter, bucketed, label_stratum, shuffled
from engine.sql import parquet, quote_name, quote_text
from engine.words import words

#: Bits of a unit's number below its set.
_SET_BITS = 61
_MOST_NAMED = 50


def check_sets(connection: duckdb.DuckDBPyConnection, data: Path, spec: SplitSpec) -> None:
    """Refuse a column that names other things than sets.   Raises: BadData that shows one of them."""
    column = quote_name(spec.column or "")
    found = connection.execute(
        f"SELECT DISTINCT CAST({column} AS VARCHAR) FROM {parquet(data)} WHERE {column} IS NOT NULL "
        f"ORDER BY 1 LIMIT {_MOST_NAMED}"
    ).fetchall()
    unknown = [word for (word,) in found if set_named(word) is None]
    if unknown:
        raise BadData(
            words(
                "The rows cannot be divided as {column!r} says. Expected: only {known}. Received: {word!r}.",
                column=spec.column,
                known=", ".join(SET_NAMES),
                word=unknown[0][:100],
            ),
            remedy=words("Name a column that says of each row whether it is for training or for the test."),
        )


def twin(schema: Schema, spec: SplitSpec, target: str) -> str:
    """SQL BIGINT over the raw columns, equal for rows that are the same but for their names and sets.

    Pictures that look alike are the same; where the import found no such groups, rows are compared.
    """
    if schema.image is not None and LOOK_ALIKES in schema.names:
        group, path = quote_name(LOOK_ALIKES), "path"
        alone = f"hash({quote_name(path)})" if path in schema.names else "hash(file_row_number)"
        return f"(CASE WHEN {group} IS NULL THEN {alone} ELSE hash({group}) END >> 1)::BIGINT"
    compared = [
        quote_name(c.name)
        for c in schema.columns
        if c.name == target or (c.name != spec.column and c.semantic not in ("identifier", "image"))
    ]
    return f"(hash({', '.join(compared)}) >> 1)::BIGINT"


def _key(schema: Schema, spec: SplitSpec) -> str:
    column = f"lower(trim(CAST({quote_name(spec.column or '')} AS VARCHAR)))"
    cases = " ".join(f"WHEN {quote_text(word)} THEN {SETS.index(name)}" for word, name in SET_NAMES.items())
    return f"(CASE {column} {cases} END)::BIGINT"


def _unit(spec: SplitSpec, facts: Facts) -> str:
    unit = f"(({shuffled('_twin', spec.seed)} >> 2) + (coalesce(_key, 0) << {_SET_BITS}))"
    bucket = bucketed(unit, 0, facts.rows)
    return bucket if bucket == unit else f"{bucket} + _stratum"


SPLITTER = Splitter(
    name="given",
    title="As given",
    help="Every row stays in the set that a column names. Where none is for validation, some of training is.",
    needs="set",
    key=_key,
    unit=_unit,
    stratum=label_stratum,
    given=f"CASE unit >> {_SET_BITS} WHEN 0 THEN 'train' WHEN 1 THEN 'valid' ELSE 'test' END",
)
