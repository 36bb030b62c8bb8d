"""The closed list of date formats: what an import may recognise, SQL may parse and a model's graph can parse.

A value is a fixed order of digit groups, so a reader needs two things only: `regex`, which the whole trimmed value has
to match (RE2 syntax, no look-around), and `order`, which names the digit groups from left to right. After the date
groups a format with a time may go on with hour, minute, second; any of them may be absent and then counts as 0.
Fractions of a second and the offset ("Z", "+08:00") are accepted and ignored: they stand after the sixth group.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Part = Literal["year", "month", "day", "hour", "minute", "second"]

_YEAR = "[0-9]{4}"
_MONTH = "(?:0?[1-9]|1[0-2])"
_DAY = "(?:0?[1-9]|[12][0-9]|3[01])"
_TIME = (
    "(?:[T ]+(?:[01]?[0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:[.,][0-9]{1,9})?)?"
    "(?: ?(?:Z|UTC|[+-][0-9]{2}:?[0-9]{2}))?)?"
)


@dataclass(frozen=True, kw_only=True)
class DatetimeFormat:
    """One way to write a moment.

    pattern: strptime-like name, stored as `Column.datetime_format`.
    order: the digit groups of the date, left to right; a date part that is absent ("%Y-%m") counts as 1.
    regex: RE2; the whole value matches or the value is not of this format. Ranges of month, day, hour, minute and
        second are checked; that a month has a day 31 is not.
    has_time: hour, minute, second may follow the date groups as three more groups.
    digits: widths of `order`'s groups when they stand together without a separator ("%Y%m%d": 4, 2, 2), else ().
    """

    pattern: str
    order: tuple[Part, ...]
    regex: str
    has_time: bool
    digits: tuple[int, ...] = ()

    def matches(self, value: str) -> bool:
        """Tell whether `value` (trimmed) is written in this format.

        >>> BY_PATTERN["%d/%m/%Y"].matches("7/12/2020"), BY_PATTERN["%d/%m/%Y"].matches("7/13/2020")
        (True, False)
        """
        return re.fullmatch(self.regex, value) is not None


_DATES: tuple[tuple[str, tuple[Part, ...], tuple[int, ...]], ...] = (
    ("%Y-%m-%d", ("year", "month", "day"), ()),
    ("%Y/%m/%d", ("year", "month", "day"), ()),
    ("%Y.%m.%d", ("year", "month", "day"), ()),
    ("%d/%m/%Y", ("day", "month", "year"), ()),
    ("%m/%d/%Y", ("month", "day", "year"), ()),
    ("%d.%m.%Y", ("day", "month", "year"), ()),
    ("%d-%m-%Y", ("day", "month", "year"), ()),
    ("%m-%d-%Y", ("month", "day", "year"), ()),
    ("%Y年%m月%d日", ("year", "month", "day"), ()),
    ("%Y%m%d", ("year", "month", "day"), (4, 2, 2)),
    ("%Y-%m", ("year", "month"), ()),
)
_TIMELESS = frozenset({"%Y-%m"})


def _date_regex(pattern: str, digits: tuple[int, ...]) -> str:
    month, day = ("(?:0[1-9]|1[0-2])", "(?:0[1-9]|[12][0-9]|3[01])") if digits else (_MONTH, _DAY)
    escaped = pattern.replace(".", "[.]")
    return escaped.replace("%Y", _YEAR).replace("%m", month).replace("%d", day)


def _formats() -> tuple[DatetimeFormat, ...]:
    made = []
    for pattern, order, digits in _DATES:
        date = _date_regex(pattern, digits)
        made.append(DatetimeFormat(pattern=pattern, order=order, regex=date, has_time=False, digits=digits))
        if pattern not in _TIMELESS:
            made.append(
                DatetimeFormat(
                    pattern=f"{pattern} %H:%M:%S",
                    order=order,
                    regex=date + _TIME,
                    has_time=True,
                    digits=digits,
                )
            )
    return tuple(made)


#: Every format, each date alone and followed by an optional time; nothing else is ever a `Column.datetime_format`.
FORMATS: tuple[DatetimeFormat, ...] = _formats()
PATTERNS: tuple[str, ...] = tuple(f.pattern for f in FORMATS)
BY_PATTERN: Mapping[str, DatetimeFormat] = {f.pattern: f for f in FORMATS}
