"""Which strings mean "missing", and in which columns.

Two kinds of token. A *plain* token ("NA", "?", "-", "NULL" …) means missing in every column. A *doubtful* token
("None", "无", "unknown" …) is a plain word as well: in a column of numbers, dates, names or free text it means
missing, in a category it may be an answer ("other debtors: none") and stays a value. "NA" among two-letter codes is
Namibia.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

PLAIN_TOKENS = (
    *(
        "NA",
        "N/A",
        "n/a",
        "N.A.",
        "n.a.",
        "#N/A",
        "<NA>",
        "NaN",
        "nan",
        "NULL",
        "null",
        "(null)",
        "<null>",
        "\\N",
    ),
    *("?", "-", "--", "—", "#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "缺失"),
)
DOUBTFUL_TOKENS = (
    *(
        "None",
        "none",
        "NONE",
        "nil",
        "Nil",
        "NIL",
        "na",
        "Na",
        "NAN",
        "Null",
        ".",
        "..",
        "...",
        "*",
        "**",
        "/",
    ),
    *("missing", "Missing", "MISSING", "unknown", "Unknown", "UNKNOWN", "not available", "Not Available"),
    *("无", "空", "未知", "暂无", "无数据"),
)
ALL_TOKENS = PLAIN_TOKENS + DOUBTFUL_TOKENS
_CODE = re.compile("[A-Z]{2}")
_MIN_CODES = 10


def category_tokens(values: Iterable[str]) -> tuple[str, ...]:
    """Return the tokens that mean missing in a category column with these distinct values."""
    others = [value for value in values if value not in PLAIN_TOKENS]
    codes = sum(_CODE.fullmatch(value) is not None for value in others)
    if len(others) >= _MIN_CODES and codes >= 0.95 * len(others):
        return tuple(token for token in PLAIN_TOKENS if token != "NA")
    return PLAIN_TOKENS
