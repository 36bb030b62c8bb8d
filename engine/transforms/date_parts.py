"""The calendar parts of a moment: as they are for trees, on circles for linear and deep models."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx

from engine.specs.params import Param
from engine.transforms import sql
from engine.transforms.base import Domain, State, TrainingRows, Transform
from engine.transforms.civil import DAY_S, FIRST_S, LAST_S, civil_from_days
from engine.transforms.formula import OnnxWriter, SqlWriter, Term
from engine.transforms.graph import Graph

PARTS = ("year", "month", "day", "weekday", "hour", "minute")
#: Part → (its smallest value, values on the circle); a year does not come back.
CYCLES: Mapping[str, tuple[int, int]] = {
    "month": (1, 12),
    "day": (1, 31),
    "weekday": (0, 7),
    "hour": (0, 24),
    "minute": (0, 60),
}


class DateParts(Transform):
    """Takes seconds since 1970-01-01 (years 0 … 9999). Weekday: Monday is 0.

    State: {"parts": those that differ among the training rows}. A missing moment is missing in every part, or
    the middle of each circle.
    """

    name = "date_parts"
    title = "Year, month, weekday, hour …"
    takes: Domain = "number"
    gives: Domain = "block"
    params = (
        Param(
            name="cyclic",
            kind="bool",
            default=False,
            help="Put each part on a circle (sine and cosine), so that December is next to January.",
        ),
    )

    def fit(self, rows: TrainingRows, value: str, params: Mapping[str, Any]) -> State:
        """Learn which parts differ; the weekday stands in when none does."""
        parts = _sql_parts(value)
        tests = ", ".join(f"count(DISTINCT {parts[part]})" for part in PARTS)
        (counts,) = rows.select(f"SELECT {tests} FROM train")
        found = [part for part, count in zip(PARTS, counts, strict=True) if count > 1]
        if params["cyclic"]:
            found = [part for part in found if part in CYCLES]
        return {"parts": found or ["weekday"]}

    def labels(self, params: Mapping[str, Any], state: State) -> tuple[str, ...]:
        """Return ".month" …, or ".month_sin", ".month_cos" …"""
        if params["cyclic"]:
            return tuple(f".{part}_{wave}" for part in state["parts"] for wave in ("sin", "cos"))
        return tuple(f".{part}" for part in state["parts"])

    def width(self, params: Mapping[str, Any], *, distinct: int, classes: int) -> int:
        """Return one column per part, two on circles."""
        return len(PARTS) * (2 if params["cyclic"] else 1)

    def sql(
        self, value: str, params: Mapping[str, Any], state: State, *, fold: str | None
    ) -> tuple[str, ...]:
        """Use DuckDB's own calendar."""
        parts = _sql_parts(value)
        if not params["cyclic"]:
            return tuple(parts[part] for part in state["parts"])
        found = []
        for part in state["parts"]:
            least, _ = CYCLES[part]
            for column in zip(*_circle(part), strict=True):
                at = f"CAST({parts[part]} AS INTEGER) - {least - 1}"
                found.append(f"coalesce(list_extract({sql.numbers(column)}, {at}), 0::DOUBLE)")
        return tuple(found)

    def onnx(self, graph: Graph, value: str, params: Mapping[str, Any], state: State) -> str:
        """Use the calendar formulas."""
        parts = _graph_parts(graph, value)
        columns = [self._column(graph, part, parts[part], params["cyclic"]) for part in state["parts"]]
        return columns[0] if len(columns) == 1 else graph.node("Concat", *columns, axis=1)

    def _column(self, graph: Graph, part: str, number: Term, cyclic: bool) -> str:
        if not cyclic:
            return number.code
        least, length = CYCLES[part]
        at = number.is_missing().where(float(length), number - float(least))
        code = graph.node("Reshape", at.code, graph.constant([-1], np.int64))
        table = graph.constant([*_circle(part), (0.0, 0.0)], np.float64)
        return graph.node("Gather", table, graph.node("Cast", code, to=onnx.TensorProto.INT64), axis=0)


def _circle(part: str) -> list[tuple[float, float]]:
    _, length = CYCLES[part]
    angles = [2 * math.pi * i / length for i in range(length)]
    return [(math.sin(angle), math.cos(angle)) for angle in angles]


def _clock(seconds: Term) -> tuple[Term, dict[str, Term]]:
    """Return the days since 1970-01-01 and the parts that need no calendar."""
    days = (seconds / DAY_S).floor()
    rest = seconds - days * DAY_S
    hour = (rest / 3600.0).floor()
    weekday = days + 3.0 - ((days + 3.0) / 7.0).floor() * 7.0
    return days, {"weekday": weekday, "hour": hour, "minute": ((rest - hour * 3600.0) / 60.0).floor()}


def _sql_parts(value: str) -> dict[str, str]:
    known = f"(CASE WHEN {value} BETWEEN {sql.number(FIRST_S)} AND {sql.number(LAST_S)} THEN {value} END)"
    days, parts = _clock(Term(SqlWriter(), known))
    date = f"(DATE '1970-01-01' + CAST({days.code} AS INTEGER))"
    found = {part: f"CAST({part}({date}) AS DOUBLE)" for part in ("year", "month", "day")}
    return found | {part: term.code for part, term in parts.items()}


def _graph_parts(graph: Graph, value: str) -> dict[str, Term]:
    seconds = Term(OnnxWriter(graph), value)
    nan = float("nan")
    known = (seconds < FIRST_S).where(nan, (seconds > LAST_S).where(nan, seconds))
    days, parts = _clock(known)
    return {**dict(zip(("year", "month", "day"), civil_from_days(days), strict=True)), **parts}


TRANSFORM = DateParts()
