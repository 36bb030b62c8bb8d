"""Values that break naive preprocessing, for laws that compare two ways of computing one answer."""

from __future__ import annotations

import itertools
import math

from hypothesis import strategies as st

from engine.specs.datetimes import PATTERNS

# fmt: off
NUMBERS: list[float | None] = [
    None, math.nan, math.inf, -math.inf, 0.0, -0.0, 1e300, -1e300, 3.4028235e38,
    -3.4028235e38, 3.4028236e38,
    1e-45, 1e-320, -1e-40, 1e-7, 0.1, 0.5, 1.0, -1.0, 2.0, 3.0, 7.0, 12.0, 23.0, 31.0, 59.0,
    100.0, 1e6, -1.5,
    2.0**24, 2.0**24 + 1, 2.0**53, 9007199254740993.0, -(2.0**31), 86399.0, 86400.0,
    951782400.0, 1330473600.0,
    4102444800.0, -62167219200.0, -62167219201.0, 253402300799.0, 253402300800.0, 1e18,
]
TEXTS: list[str | None] = [
    None, "", " ", "  \t ", "\u3000", "\u00a0\u00a0", "\n", "NA", " NA ", "?", "无", "na",
    "None", "nan", "inf",
    "red", "Red", "RED", " red", "red\u3000", "re d", "green", "blue", "中文", "中文 字",
    "\u3000全角\u3000",
    "北京", "日本語テスト", "😀", "👩\u200d👩\u200d👧 family", "naïve café", "Straße", "İstanbul",
    "ПРИВЕТ мир",
    "한국어", "ไทย", "e\u0301", "\u200b", "\ufeffbom", "it's", 'say "hi"', "a,b;c", "a\nb", "line\r\nline",
    "back\\slash", "\\1", "$1", "{x}", "%s", "; DROP TABLE t", "--", "\x01a\x02", "a\0b", "\0", "(other)",
    "23.4 kmpl", "1,234.5 €", "-7", "- 7", "+5", "1e5", ".5", "5.", "0012", "1.234.567,89",
    "1 234", "1'000",
    "12345678901234567890123", "9" * 400, "0." + "3" * 60, "3 of 4", "A-5", "１２３", "٣",
    "NaN 5", "0x1F", "-0",
    "1,23,4", "1,2345", "12,345,678", "999,999,999,999,999,999,999,999,999",
    "x" * 5_000, "word " * 1_000, "中" * 3_000, "a" * 999 + "bc", "a" * 1_001,
    " " * 2_000 + "end", "1" * 1_500,
    "Free entry WIN cash now!!! call 08001234", "the cat sat on the mat", "The CAT",
    "ok lar... joking wif u",
    "酒店 很好，服务 不错！", "not good at all",
]
_DAYS = [
    (2011, 1, 5), (2012, 2, 29), (2011, 2, 29), (1900, 2, 29), (2000, 2, 29), (2011, 4, 31), (1969, 12, 31),
    (1970, 1, 1), (9999, 12, 31), (1, 1, 1), (0, 3, 1), (0, 1, 1), (2024, 12, 31), (2011, 13,
    1), (2011, 0, 1),
]
_CLOCKS = [
    "", " 09:05", " 23:59:59", "T10:11:12.345678Z", " 10:11+08:00", " 10:11:12 +0800", " 24:00", " 9:5",
    "T00:00:00", " 12:60",
]
# fmt: on


def _dates() -> list[str]:
    found = []
    for (year, month, day), pattern in itertools.product(_DAYS, [p for p in PATTERNS if "%H" not in p]):
        for width in (1, 2):
            filled = pattern.replace("%Y", f"{year:04}").replace("%m", f"{month:0{width}}")
            found.append(filled.replace("%d", f"{day:0{width}}"))
    return found + [date + clock for date, clock in itertools.product(found[::7], _CLOCKS)]


#: Real and unreal dates in every format, padded and not, with clocks good and bad.
DATES: list[str] = _dates()

DRAWN_NUMBERS = st.one_of(
    st.none(), st.floats(width=64), st.floats(width=32), st.integers(-(2**63), 2**63 - 1).map(float)
)
DRAWN_TEXTS = st.one_of(
    st.none(),
    st.text(max_size=30),
    st.from_regex(r"-?\d{1,20}([.,]\d{1,5})?( \w+)?", fullmatch=True),
    st.dates().map(str),
    st.datetimes().map(str),
)
