"""Cells as text files write them: how a number is spelled, and what any value becomes when it is written as text."""

from __future__ import annotations

import datetime
import math
import re
from dataclasses import dataclass

from engine.sql import quote_text

#: Whole numbers beyond this cannot be told apart as double; such columns stay strings.
MAX_WHOLE = 1 << 53
_EXPONENT = "(?:[eE][+-]?[0-9]+)?"
_THIN_BLANKS = " \u00a0\u202f"
_MIDNIGHT = datetime.time()


@dataclass(frozen=True)
class NumberStyle:
    """A way to write numbers.   regex: RE2, the whole trimmed cell."""

    decimal: str
    thousands: str
    regex: str

    def matches(self, value: str) -> bool:
        """Tell whether the trimmed cell is a finite number in this style."""
        return re.fullmatch(self.regex, value) is not None and math.isfinite(self.number(value))

    def number(self, value: str) -> float:
        """Return the number in a cell that matches."""
        for mark in _THIN_BLANKS if self.thousands == " " else self.thousands:
            value = value.replace(mark, "")
        return float(value if self.decimal == "." else value.replace(",", "."))

    def sql(self, value: str) -> str:
        """SQL text that DuckDB can cast to DOUBLE, from an SQL text in this style."""
        for mark in _THIN_BLANKS if self.thousands == " " else self.thousands:
            value = f"replace({value}, {quote_text(mark)}, '')"
        return value if self.decimal == "." else f"replace({value}, ',', '.')"


def _grouped(mark: str, decimal: str) -> str:
    return f"[+-]?(?:[0-9]{{1,3}}(?:{mark}[0-9]{{3}})+|[0-9]+)(?:[{decimal}][0-9]*)?"


PLAIN = NumberStyle(".", "", f"[+-]?(?:[0-9]+[.]?[0-9]*|[.][0-9]+){_EXPONENT}")
STYLES: tuple[NumberStyle, ...] = (
    PLAIN,
    NumberStyle(".", ",", _grouped(",", ".")),
    NumberStyle(",", "", f"[+-]?(?:[0-9]+,?[0-9]*|,[0-9]+){_EXPONENT}"),
    NumberStyle(",", ".", _grouped("[.]", ",")),
    NumberStyle(".", " ", _grouped(f"[{_THIN_BLANKS}]", ".")),
    NumberStyle(",", " ", _grouped(f"[{_THIN_BLANKS}]", ",")),
    NumberStyle(".", "'", _grouped("'", ".")),
)


def style_of(decimal: str, thousands: str) -> NumberStyle:
    """Return the style with these marks; the plain one when there is none."""
    return next((s for s in STYLES if (s.decimal, s.thousands) == (decimal, thousands)), PLAIN)


def cell_text(value: object) -> str:
    """Write one cell as a text file would: whole numbers without ".0", moments in ISO form.

    >>> cell_text(3.0), cell_text(True), cell_text(datetime.datetime(2024, 5, 1, 10, 30))
    ('3', 'true', '2024-05-01 10:30:00')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) <= MAX_WHOLE:
        return str(int(value))
    if isinstance(value, datetime.datetime):
        moment = value.replace(microsecond=0, tzinfo=None)
        return (
            moment.strftime("%Y-%m-%d")
            if moment.time() == _MIDNIGHT
            else moment.strftime("%Y-%m-%d %H:%M:%S")
        )
    return str(value)
