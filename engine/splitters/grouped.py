"""Whole groups by lot: all rows of one patient, customer or device are in the same set."""

from __future__ import annotations

from engine.specs.schema import Schema
from engine.specs.split import SplitSpec
from engine.specs.training import TaskSpec
from engine.splitters.base import Facts, Splitter, shuffled
from engine.sql import quote_name


def _key(schema: Schema, spec: SplitSpec) -> str:
    column = quote_name(spec.column or "")
    return f"CASE WHEN {column} IS NOT NULL THEN (hash({column}) >> 1)::BIGINT END"


def _unit(spec: SplitSpec, facts: Facts) -> str:
    alone = shuffled("_content", spec.seed)
    return f"CASE WHEN _key IS NULL THEN {alone} ELSE {shuffled('_key', spec.seed)} END"


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
