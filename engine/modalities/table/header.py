"""Find where a table begins in a text file, whether it has a header, and what its columns are called."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from engine.errors import BadData

#: Names the house uses inside; a file's column of that name gets a number.
RESERVED = ("_row", "_fold", "_y", "_set", "file_row_number")
_SEARCHED_ROWS = 60
#: Fewer numbers in order, with no name among them, may be a row of the table.
_LEAST_COUNTED = 5
_BODY_ROWS = 500
_NUMBER = re.compile(r"\s*[+-]?(?:\d[\d,.' ]*|[.,]\d+)(?:[eE][+-]?\d+)?\s*%?\s*")
_YEAR = re.compile(r"\s*(?:18|19|20)\d\d\s*")


@dataclass(frozen=True, kw_only=True)
class Layout:
    """Where the table stands.   preamble: rows above it.   width: cells of every row.   names: header cells, or ()."""

    preamble: int
    width: int
    names: tuple[str, ...]

    @property
    def has_header(self) -> bool:
        return bool(self.names)


def find_layout(rows: Sequence[Sequence[str]]) -> Layout:
    """Decide the layout from the first rows (blank lines left out)."""
    width = _usual_width(rows)
    start = _first_table_row(rows, width)
    if start and (names := _shorter_header(rows, start, width)):
        return Layout(preamble=start - 1, width=width, names=names)
    first, body = rows[start], [row for row in rows[start + 1 : start + 1 + _BODY_ROWS] if len(row) == width]
    names = tuple(first) if _is_header(first, body) else ()
    return Layout(preamble=start, width=width, names=names)


def unique_names(written: Sequence[str], *, max_columns: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return trimmed names, unique without regard to case (as SQL reads them), and notes on every changed name.

    Raises: BadData when there are more than `max_columns`.
    """
    if len(written) > max_columns:
        raise BadData(
            f"The table has {len(written):,} columns. Expected at most {max_columns:,}. Received {len(written):,}.",
            remedy="Keep the columns you need, or turn the table round so that these columns become rows.",
        )
    wished = [" ".join(name.replace("\ufeff", "").split()) for name in written]
    free = {name.casefold() for name in wished}
    taken = set(RESERVED)
    names: list[str] = []
    notes: list[str] = []
    for position, name in enumerate(wished, start=1):
        chosen = name or f"column_{position}"
        number = 2
        while chosen.casefold() in taken or (chosen != name and chosen.casefold() in free):
            chosen = f"{name or 'column'}_{number}"
            number += 1
        taken.add(chosen.casefold())
        if name and chosen != name:
            notes.append(f"Column {position} is also called {name!r}; it was renamed {chosen!r}.")
        elif not name:
            notes.append(f"Column {position} has no name; it was named {chosen!r}.")
        names.append(chosen)
    return tuple(names), tuple(notes)


def _usual_width(rows: Sequence[Sequence[str]]) -> int:
    widths = Counter(len(row) for row in rows)
    most = max(widths.values())
    return max(width for width, count in widths.items() if count == most)


def _first_table_row(rows: Sequence[Sequence[str]], width: int) -> int:
    """Skip titles: rows of another width, or of the right width with one lonely cell, above the first full row."""
    for position, row in enumerate(rows[:_SEARCHED_ROWS]):
        filled = sum(bool(cell.strip()) for cell in row)
        if len(row) == width and (filled > 1 or width <= 2 or len(rows) - position <= 2):
            return position
    return next((i for i, row in enumerate(rows) if len(row) == width), 0)


def _shorter_header(rows: Sequence[Sequence[str]], start: int, width: int) -> tuple[str, ...]:
    """A header one cell short: rows end with a delimiter, or begin with a row name that the header leaves out."""
    above, body = (
        list(rows[start - 1]),
        [row for row in rows[start : start + _BODY_ROWS] if len(row) == width],
    )
    if len(above) != width - 1 or width < 3 or not all(cell.strip() for cell in above):
        return ()
    padded = [*above, ""] if all(not row[-1].strip() for row in body) else ["", *above]
    return tuple(padded) if _is_header(padded, body) else ()


def _is_header(first: Sequence[str], body: Sequence[Sequence[str]]) -> bool:
    cells = [cell.strip() for cell in first]
    if not body:
        return not any(_NUMBER.fullmatch(cell) for cell in cells if cell)
    if all(not cell for cell in cells):
        return False
    if _counts(cells) and not any(_counts([cell.strip() for cell in row]) for row in body):
        return True
    votes = sum(_vote(cell, [row[i].strip() for row in body]) for i, cell in enumerate(cells))
    if votes == 0:
        filled = [cell for cell in cells if cell]
        return len(set(filled)) == len(filled) and all(len(cell) <= 80 for cell in filled)
    return votes > 0


def _counts(cells: Sequence[str]) -> bool:
    """Say whether cells number the columns from 0 or 1, as libraries write tables whose columns nobody named.

    A few may have names, such as a target; a first one may be empty, above the numbers of the rows.
    """
    places = {
        position - int(cell) for position, cell in enumerate(cells) if cell.isdecimal() and len(cell) < 7
    }
    numbered = sum(cell.isdecimal() for cell in cells)
    least = 3 if any(cell and not cell.isdecimal() for cell in cells) else _LEAST_COUNTED
    return len(places) == 1 and places <= {-1, 0, 1} and numbered >= max(least, 0.8 * len(cells))


def _vote(cell: str, below: Sequence[str]) -> float:
    """How much one column speaks for a header: a word above numbers does, a number or a repeated value does not."""
    present = [value for value in below if value]
    if not present:
        return 0.0
    if not cell:
        return -0.25
    numeric = sum(_NUMBER.fullmatch(value) is not None for value in present) / len(present)
    if numeric > 0.8:
        if _YEAR.fullmatch(cell) and not all(_YEAR.fullmatch(value) for value in present):
            return 0.25
        return -1.0 if _NUMBER.fullmatch(cell) else 1.0
    if cell in present:
        return -1.0
    if _NUMBER.fullmatch(cell):
        return -0.5
    typical = sum(map(len, present)) / len(present)
    if len(cell) > 60 or (typical > 25 and len(cell) > 0.7 * typical):
        return -0.5
    return 0.25 if len(set(present)) < len(present) else 0.0
