"""Whole groups by lot: all rows of one patient, customer or device are in the same set."""

from __future__ import annotations

from engine.specs.schema import Schema
from engine.specs.split import SplitSpec
from engine.specs.training import TaskSpec
from engine.splitters.base import Facts, Splitter, identifier, shuffled


def _key(schema: Schema, spec: SplitSpec) -> str:
    column = identifier(spec.column or "")
    return f"CASE WHEN {column} IS NOT NULL THEN (hash({column}) >> 1)::BIGINT END"


def _unit(spec: SplitSpec, facts: Facts) -> str:
    return f"coalesce({shuffled('_key', spec.seed)}, {shuffled('_content', spec.seed)})"


def _stratum(task: TaskSpec, facts: Facts) -> str:
    return "_label" if task.classes else "0"


SPLITTER = Splitter(
    name="grouped",
    title="Grouped",
    help="All rows of a group stay in one set, so the test is about groups the model has never seen.",
    needs="group",
    key=_key,
    unit=_unit,
    stratum=_stratum,
)
