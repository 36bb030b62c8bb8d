"""A date or time written as text becomes seconds since 1970-01-01; what is no real date is missing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx

from engine.specs.datetimes import BY_PATTERN, PATTERNS, DatetimeFormat
from engine.specs.params import Param
from engine.transforms import sql
from engine.transforms.base import Domain, State, TrainingRows, Transform
from engine.transforms.canonical import add_first_match, add_matches
from engine.transforms.civil import DAY_S, days_from_civil, is_real_date
from engine.transforms.formula import OnnxWriter, Term
from engine.transforms.graph import Graph

_CLOCK = "[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?"


class ParseDate(Transform):
    """State: {}. Fractions of a second and the offset are ignored, as the list of formats says."""

    name = "parse_date"
    title = "Read a date"
    takes: Domain = "text"
    gives: Domain = "number"
    params = (
        Param(
            name="format",
            kind="choice",
            default=PATTERNS[0],
            choices=PATTERNS,
            help="How the column writes its dates.",
            searched=False,
        ),
    )

    def fit(self, rows: TrainingRows, value: str, params: Mapping[str, Any]) -> State:
        """Learn nothing."""
        return {}

    def labels(self, params: Mapping[str, Any], state: State) -> tuple[str, ...]:
        """One column."""
        return ("",)

    def sql(
        self, value: str, params: Mapping[str, Any], state: State, *, fold: str | None
    ) -> tuple[str, ...]:
        """Rewrite the text to an ISO date, which the cast accepts only when it is real."""
        form = BY_PATTERN[params["format"]]
        date = f"regexp_replace({value}, {sql.literal(_date_groups(form))}, {sql.literal(_iso(form))}, 's')"
        seconds = f"CAST(TRY_CAST({date} AS DATE) - DATE '1970-01-01' AS DOUBLE) * {sql.number(DAY_S)}"
        if form.has_time:
            clock = f"regexp_extract({value}, '{_CLOCK}')"
            parts = f"regexp_extract_all({clock}, '[0-9]+')"
            for position, unit in ((1, 3600.0), (2, 60.0), (3, 1.0)):
                part = f"coalesce(CAST(list_extract({parts}, {position}) AS DOUBLE), 0)"
                seconds += f" + {part} * {sql.number(unit)}"
        return (f"(CASE WHEN regexp_full_match({value}, {sql.literal(form.regex)}) THEN {seconds} END)",)

    def onnx(self, graph: Graph, value: str, params: Mapping[str, Any], state: State) -> str:
        """Cut the digit groups out of a text that matches, and count days by formula."""
        form = BY_PATTERN[params["format"]]
        matches = graph.node("RegexFullMatch", value, pattern=form.regex)
        safe = graph.node("Where", matches, value, graph.constant("1970-01-01", object))
        year, month, day = self._date(graph, safe, form)
        seconds = days_from_civil(year, month, day) * DAY_S
        if form.has_time:
            clock = add_first_match(graph, safe, _CLOCK, sentinel="00:00")
            hour, minute, second = _groups(graph, clock, 3)
            seconds = seconds + hour * 3600.0 + minute * 60.0 + second
        held = Term(seconds.writer, matches)
        return held.where(is_real_date(year, month, day).where(seconds, float("nan")), float("nan")).code

    def _date(self, graph: Graph, value: str, form: DatetimeFormat) -> tuple[Term, Term, Term]:
        if form.digits:
            (whole,) = _groups(graph, value, 1)
            year = (whole / 1e4).floor()
            month = ((whole - year * 1e4) / 100.0).floor()
            return year, month, whole - year * 1e4 - month * 100.0
        found = dict(zip(form.order, _groups(graph, value, len(form.order)), strict=True))
        day = found.get("day") or Term(OnnxWriter(graph), graph.constant(1.0, np.float64))
        return found["year"], found["month"], day


def _groups(graph: Graph, value: str, count: int) -> list[Term]:
    """Return the first digit groups of each text as numbers [N, 1], 0 where there are fewer."""
    matches = add_matches(graph, value, "[0-9]+", sentinel=" ".join("0" * count))
    first = graph.node("Slice", matches, *(graph.constant([n], np.int64) for n in (0, count, 1)))
    empty = graph.node("Equal", first, graph.constant("", object))
    text = graph.node("Where", empty, graph.constant("0", object), first)
    numbers = graph.node("Cast", text, to=onnx.TensorProto.DOUBLE)
    if count == 1:
        return [Term(OnnxWriter(graph), numbers)]
    parts = graph.node_many("Split", numbers, outputs=count, axis=1, num_outputs=count)
    return [Term(OnnxWriter(graph), part) for part in parts]


def _date_groups(form: DatetimeFormat) -> str:
    if form.digits:
        return "^" + "".join(f"([0-9]{{{width}}})" for width in form.digits) + ".*$"
    return "^" + "[^0-9]".join(["([0-9]+)"] * len(form.order)) + ".*$"


def _iso(form: DatetimeFormat) -> str:
    parts = [
        f"\\{form.order.index(part) + 1}" if part in form.order else "1" for part in ("year", "month", "day")
    ]
    return "-".join(parts)


TRANSFORM = ParseDate()
