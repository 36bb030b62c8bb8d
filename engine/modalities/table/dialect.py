"""Sniff how a text file separates its cells: delimiter, quote, from the first lines of it."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

DELIMITERS = (",", "\t", ";", "|", "^", "~", "\x01", "\x1f", ":", " ")
#: Delimiters that also stand inside ordinary values need far better evidence than a comma.
_WEAK = {":": 0.6, " ": 0.5, "^": 0.9, "~": 0.9}
#: Words have blanks and times have colons: as delimiters these must cut (nearly) all rows alike, the first one too.
_IN_TEXT = (":", " ")
_REGULAR_SHARE = 0.95
_MAX_ROWS = 2000
_VALUE = re.compile(
    r"\s*(?:"
    r"[+-]?(?:\d+(?:[.,]\d+)?|[.,]\d+)(?:[eE][+-]?\d+)?\s*%?"  # 12  -1.5  1,5  .5  1e-3  45%
    r"|[+-]?\d{1,3}(?:[.,' ]\d{3})+(?:[.,]\d+)?"  # 1,234.5
    r"|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:[ T]\d{1,2}:\d{2}(?::\d{2})?.{0,12})?"  # dates, times
    r"|\d{1,2}:\d{2}(?::\d{2})?"
    r"|[^\W\d_][\w .'/()&+-]*"  # words
    r"|[#?*.-]|"
    r")\s*"
)


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """How cells are written.

    delimiter: one character.   quote: one character, or "" when cells are never quoted.
    skips_blanks: a quote may stand behind blanks, as in `1, "two"`; blanks before any cell are cut then.
    """

    delimiter: str = ","
    quote: str = '"'
    skips_blanks: bool = False

    def reader(self, lines: Iterable[str]) -> Iterable[list[str]]:
        """Return the standard library's reader for this dialect."""
        return csv.reader(
            lines,
            delimiter=self.delimiter,
            quotechar=self.quote or None,
            quoting=csv.QUOTE_MINIMAL if self.quote else csv.QUOTE_NONE,
            skipinitialspace=self.skips_blanks,
        )


def sniff_dialect(lines: Sequence[str], suffix: str = "") -> Dialect:
    """Choose the dialect under which the lines split into the most regular and best understood cells.

    Score of a candidate: regularity of the rows' widths × share of cells that look like one value, after van den Burg,
    Nazábal & Sutton, "Wrangling messy CSV files by detecting row and type patterns", DMKD 33 (2019).
    """
    preferred = "\t" if suffix.lower() in {".tsv", ".tab"} else ","
    text = "".join(lines)
    quotes = ['"', "'"] if re.search(r"(?:^|[,;\t|])\s*'[^'\n]*'\s*(?:[,;\t|]|$)", text, re.M) else ['"']
    best, best_score = Dialect(delimiter=preferred), 0.0
    for delimiter in sorted(DELIMITERS, key=lambda mark: mark != preferred):
        if delimiter not in text:
            continue
        for quote in quotes:
            dialect = Dialect(delimiter=delimiter, quote=quote)
            score = _score(dialect, lines) * (1.0 if quote == '"' else 0.99)
            if score > best_score * 1.02 and score > 0.05:
                best, best_score = dialect, score
    is_blank_quoted = best.delimiter != " " and re.search(re.escape(best.delimiter) + " +" + best.quote, text)
    return replace(best, skips_blanks=bool(is_blank_quoted))


def _score(dialect: Dialect, lines: Sequence[str]) -> float:
    rows = parse_sample(dialect, lines)
    if not rows:
        return 0.0
    widths = Counter(len(row) for row in rows)
    regular = sum(count * count * (width - 1) / width for width, count in widths.items()) / len(rows) ** 2
    cells = [cell for row in rows if len(row) > 1 for cell in row]
    if not cells or (dialect.delimiter in _IN_TEXT and _cuts_text(rows, widths)):
        return 0.0
    understood = sum(_VALUE.fullmatch(cell[:200]) is not None for cell in cells) / len(cells)
    return regular * max(understood, 0.05) * _WEAK.get(dialect.delimiter, 1.0)


def _cuts_text(rows: Sequence[Sequence[str]], widths: Counter[int]) -> bool:
    return len(rows[0]) == 1 or max(widths.values()) < _REGULAR_SHARE * len(rows)


def allow_cells(chars: int) -> None:
    """Let the standard library read cells of so many characters; its usual limit is smaller than a cell may be.

    The limit belongs to the whole process, so it is only ever raised: others read with it too.
    """
    csv.field_size_limit(max(chars, csv.field_size_limit()))


def parse_sample(dialect: Dialect, lines: Sequence[str]) -> list[list[str]]:
    """Split sample lines into rows of cells, without blank lines; stops at what cannot be split."""
    rows: list[list[str]] = []
    allow_cells(sum(map(len, lines)))
    try:
        for row in dialect.reader(lines):
            if row and (len(row) > 1 or row[0].strip()):
                rows.append(row)
            if len(rows) >= _MAX_ROWS:
                break
    except csv.Error:
        pass
    return rows
