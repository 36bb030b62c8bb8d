"""The past trains, the future tests: rows in order of a time column."""

from __future__ import annotations

from engine.specs.datetimes import BY_PATTERN
from engine.specs.schema import Schema
from engine.specs.split import SplitSpec
from engine.splitters.base import Facts, Splitter
from engine.sql import quote_name

#: Above this many rows, moments are put into this many equal stretches of time, so that memory is bounded.
STRETCHES = 1_048_576
_PARTS = ("year", "month", "day", "hour", "minute", "second")


def moment(schema: Schema, column: str) -> str:
    """SQL BIGINT that orders the values of `column` by time; NULL for a value that is not one.

    A date becomes its digits, year first (20110131235900): it orders as time does, and no calendar is needed.
    """
    described = schema.column(column)
    name = quote_name(column)
    if described.physical == "int64":
        return name
    if described.physical == "double":
        return f"TRY_CAST(round({name} * 1000) AS BIGINT)"
    layout = BY_PATTERN[described.datetime_format or ""]
    order = (*layout.order, *(("hour", "minute", "second") if layout.has_time else ()))
    digits = f"regexp_extract_all({name}, '[0-9]+')"
    start, found = 1, {}
    for position, part in enumerate(order):
        if layout.digits and position < len(layout.digits):
            found[part] = f"substr({digits}[1], {start}, {layout.digits[position]})"
            start += layout.digits[position]
        else:
            found[part] = f"{digits}[{position + 1 - max(0, len(layout.digits) - 1)}]"
    sql = "0::BIGINT"
    for part in _PARTS:
        absent = "1" if part in ("month", "day") else "0"
        value = f"coalesce(TRY_CAST({found[part]} AS BIGINT), {absent})" if part in found else absent
        sql = f"({sql} * 100 + {value})"
    return f"CASE WHEN regexp_full_match({name}, '{layout.regex}') THEN {sql} END"


def written(schema: Schema, column: str, value: int) -> str:
    """Write a number of `moment` for a person.

    >>> from engine.specs.schema import Column
    >>> day = {"physical": "string", "semantic": "datetime", "datetime_format": "%Y-%m-%d"}
    >>> written(Schema(columns=(Column(name="d", source_name="d", **day),)), "d", 20110131000000)
    '2011-01-31'
    """
    physical = schema.column(column).physical
    if physical == "int64":
        return str(value)
    if physical == "double":
        return str(value / 1000)
    digits = f"{value:014d}"
    date = f"{digits[:4]}-{digits[4:6]}-{digits[6:8]}"
    clock = f"{digits[8:10]}:{digits[10:12]}:{digits[12:]}"
    return date if clock == "00:00:00" else f"{date} {clock}"


def _key(schema: Schema, spec: SplitSpec) -> str:
    return moment(schema, spec.column or "")


def _unit(spec: SplitSpec, facts: Facts) -> str:
    if facts.rows <= STRETCHES or facts.earliest is None or facts.latest is None:
        return "-_key"
    width = (facts.latest - facts.earliest) // STRETCHES + 1
    return f"-((_key - ({facts.earliest})) // {width})"


SPLITTER = Splitter(
    name="time",
    title="By time",
    help="The oldest rows train, the newest test: what a forecast meets in use. Equal times stay together.",
    needs="time",
    key=_key,
    unit=_unit,
    ordered=True,
)
