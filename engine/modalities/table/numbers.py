"""How files write numbers: decimal mark, thousands mark, and the SQL that reads each way; also numbers inside text."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from engine.specs.schema import NumberText
from engine.sql import quote_text

#: Whole numbers beyond this cannot be told apart as double; such columns stay strings.
MAX_WHOLE = 1 << 53
_EXPONENT = "(?:[eE][+-]?[0-9]+)?"
_THIN_BLANKS = " \u00a0\u202f"


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
_NUMBER_LIKE = re.compile(r"[+-]?[0-9.,][0-9.,'’ \u00a0\u202f]*(?:[eE][+-]?[0-9]+)?")
_NUMBER_TEXT = re.compile(
    r"(?P<sign>[$€£¥￥<>≤≥~≈+-]{0,3}) ?(?P<number>[0-9][0-9,]*(?:\.[0-9]+)?|\.[0-9]+) ?(?P<unit>[^\d\s]\D{0,15})?"
)


def style_of(decimal: str, thousands: str) -> NumberStyle:
    """Return the style with these marks; the plain one when there is none."""
    return next((s for s in STYLES if (s.decimal, s.thousands) == (decimal, thousands)), PLAIN)


def is_number_like(value: str) -> bool:
    """Tell whether `value` could be a number in some style."""
    return _NUMBER_LIKE.fullmatch(value) is not None


def number_in_text(values: Iterable[tuple[str, int]]) -> NumberText | None:
    """Find the unit and share of values such as "23.4 kmpl", "$1,200" or "45%"; None when most hold no number.

    values: distinct strings with their counts.
    """
    units: Counter[str] = Counter()
    numbers: set[str] = set()
    total = 0
    for value, count in values:
        total += count
        if found := _NUMBER_TEXT.fullmatch(value):
            units[(found["unit"] or found["sign"]).strip()] += count
            numbers.add(found["number"])
    matched = sum(units.values())
    if not total or matched < 0.8 * total or len(numbers) < min(5, total):
        return None
    unit, most = units.most_common(1)[0]
    if most < 0.5 * matched:
        return None
    return NumberText(unit=unit, share=round(matched / total, 6))
