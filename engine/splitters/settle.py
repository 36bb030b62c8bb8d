"""Settle on a split: the proposed one, with what a person asked for in its place, and carry it out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import duckdb

from engine.errors import BadData
from engine.specs.profile import Profile
from engine.specs.run import RunSpec
from engine.specs.schema import Schema
from engine.specs.split import SplitSpec, SplitSummary
from engine.specs.training import TaskSpec
from engine.splitters import splitter
from engine.splitters.divide import divide
from engine.splitters.propose import propose_split
from engine.words import words


def divide_as_asked(
    connection: duckdb.DuckDBPyConnection,
    data: Path,
    schema: Schema,
    profile: Profile,
    task: TaskSpec,
    asked: RunSpec,
    out: Path,
) -> tuple[SplitSpec, SplitSummary]:
    """Divide the rows of `data` into `out` (see `divide`) and return how, and what came out.

    Given sets that nobody asked for may not serve: no test row has an answer, say. Then rows are divided as they would
    be without them, and the reason says so.   Raises: as `divide`.
    """
    spec = split_asked(schema, profile, task, asked)
    try:
        return spec, divide(connection, data, schema, task, spec, out)
    except BadData as problem:
        if not splitter(spec.splitter).given or asked.splitter is not None:
            raise
        other = split_asked(schema.without(spec.column or ""), profile, task, asked)
        reason = words(
            "The sets that {column!r} names cannot serve. {message} {reason}",
            column=spec.column,
            message=problem.message,
            reason=other.reason,
        )
    spec = replace(other, reason=reason)
    return spec, divide(connection, data, schema, task, spec, out)


def split_asked(schema: Schema, profile: Profile, task: TaskSpec, asked: RunSpec) -> SplitSpec:
    """Return the proposed split, with what a person asked for in its place."""
    spec = propose_split(schema, profile, task, seed=asked.seed)
    if asked.splitter is not None:
        spec = replace(spec, splitter=asked.splitter, column=asked.split_column, reason="Asked for.")
    return spec if asked.test_share is None else replace(spec, test_share=asked.test_share)
