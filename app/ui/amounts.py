"""Counts, sizes, times and shares as people read them, in their language and their time zone."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from app.ui.language import _, n_

_UNITS = ("B", "KB", "MB", "GB", "TB")
MINUTE_S, HOUR_S, DAY_S = 60, 3600, 86400


def count(n: int | None) -> str:
    """Return a whole number with thousands marks, "–" for None.   >>> count(48842)
    '48,842'
    """
    return "–" if n is None else f"{n:,}"


def size(n: int | None) -> str:
    """Return bytes in a unit that suits them (1 KB = 1000 B).   >>> size(5_400_000)
    '5.4 MB'
    """
    if n is None:
        return "–"
    value, unit = float(n), 0
    while value >= 999.5 and unit < len(_UNITS) - 1:
        value, unit = value / 1000, unit + 1
    return f"{value:.0f} {_UNITS[unit]}" if unit == 0 or value >= 99.5 else f"{value:.1f} {_UNITS[unit]}"


def share(value: float | None) -> str:
    """Return a share of 0 … 1 as percent, never rounding something to nothing.   >>> share(0.0004)
    '<0.1 %'
    """
    if value is None or not math.isfinite(value):
        return "–"
    if 0 < value < 0.001:
        return "<0.1 %"
    if 0.999 < value < 1:
        return ">99.9 %"
    return f"{100 * value:.0f} %" if value in (0, 1) or value >= 0.1 else f"{100 * value:.1f} %"


def number(value: float | None, digits: int = 4) -> str:
    """Return a number with about `digits` significant digits.   >>> number(1234567.8)
    '1,234,568'
    """
    if value is None or not math.isfinite(value):
        return "–"
    if value == int(value) and abs(value) < 1e15:
        return f"{int(value):,}"
    if abs(value) >= 10**digits:
        return f"{value:,.0f}"
    return f"{value:.{digits}g}"


def bounds(lower: float | None, upper: float | None, level: float | None) -> str:
    """Return between which bounds a prediction's truth lies, and how often; "" for one that has none."""
    if level is None:
        return ""
    return _("Between {lower} and {upper}, {level} of the time.").format(
        lower=number(lower), upper=number(upper), level=share(level)
    )


def seconds(value: float | None) -> str:
    """Return a length of time in the two units that matter: "3 min 20 s"."""
    if value is None or not math.isfinite(value):
        return "–"
    if value < 1:
        return _("under 1 s")
    whole = round(value)
    if whole < MINUTE_S:
        return _("{n} s").format(n=whole)
    if whole < HOUR_S:
        minutes, rest = divmod(whole, MINUTE_S)
        return _("{m} min {s} s").format(m=minutes, s=rest) if rest else _("{m} min").format(m=minutes)
    hours, rest = divmod(whole, HOUR_S)
    return _("{h} h {m} min").format(h=hours, m=rest // MINUTE_S)


def ago(when: datetime | None) -> str:
    """Return how long ago a moment was: "just now", "5 minutes ago", then its date."""
    if when is None:
        return "–"
    passed = (datetime.now(UTC) - when).total_seconds()
    if passed < MINUTE_S:
        return _("just now")
    if passed < HOUR_S:
        return n_("{n} minute ago", "{n} minutes ago", int(passed // MINUTE_S))
    if passed < DAY_S:
        return n_("{n} hour ago", "{n} hours ago", int(passed // HOUR_S))
    if passed < 7 * DAY_S:
        return n_("{n} day ago", "{n} days ago", int(passed // DAY_S))
    return _local(when).strftime("%Y-%m-%d")


def moment(when: datetime | None) -> str:
    """Return a moment on the reader's clock: "2026-11-23 14:05"."""
    return "–" if when is None else _local(when).strftime("%Y-%m-%d %H:%M")


def _local(when: datetime) -> datetime:
    try:
        return when.astimezone(ZoneInfo(st.context.timezone or "UTC"))
    except (ZoneInfoNotFoundError, ValueError):
        return when.astimezone(UTC)
