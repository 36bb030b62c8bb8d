"""Which texts look like numbers, and numbers inside text with their unit."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from engine.specs.schema import NumberText

_NUMBER_LIKE = re.compile(r"[+-]?[0-9.,][0-9.,'’ \u00a0\u202f]*(?:[eE][+-]?[0-9]+)?")
_NUMBER_TEXT = re.compile(
    r"(?P<sign>[$€£¥￥<>≤≥~≈+-]{0,3}) ?(?P<number>[0-9][0-9,]*(?:\.[0-9]+)?|\.[0-9]+) ?(?P<unit>[^\d\s]\D{0,15})?"
)


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
