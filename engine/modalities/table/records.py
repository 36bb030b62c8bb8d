"""Read a text file record by record, as a careful person would: every odd row is kept, with its line and a reason."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from engine.errors import BadData
from engine.modalities.table.dialect import Dialect, allow_cells
from engine.modalities.table.header import Layout

_PROGRESS_ROWS = 50_000
_REJECT_TEXT = 10_000


class _Unended(Exception):
    """A quote was opened that nothing closes within reach."""


class _Lines:
    """Hands lines to the csv reader, remembers those of the current record, and gives up on an endless one."""

    def __init__(self, file: TextIO, max_chars: int) -> None:
        self._file = file
        self._max = max_chars
        self._again: deque[str] = deque()
        self.current: list[str] = []
        self._chars = 0
        self.number = 0

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else self._file.readline(self._max + 1)
        if not line:
            if self.current:
                raise _Unended
            raise StopIteration
        self.current.append(line)
        self._chars += len(line)
        self.number += 1
        if self._chars > self._max:
            raise _Unended
        return line

    def next_record(self) -> None:
        self.current = []
        self._chars = 0

    def give_up_first(self) -> str:
        """Drop the line that opened the quote and hand out the others again."""
        first, rest = self.current[0], self.current[1:]
        self._again.extendleft(reversed(rest))
        self.number -= len(rest)
        self.next_record()
        return first


@dataclass(kw_only=True)
class Record:
    """One row as it stands in the file.   problem: why it has no cells to offer, or None."""

    line: int
    cells: list[str]
    text: str
    problem: str | None = None


def read_records(file: TextIO, dialect: Dialect, *, max_chars: int) -> Iterator[Record]:
    """Yield the records of a text file (opened with newline=""), blank lines left out.

    line: the physical line it begins on, from 1.  A quote that is never closed costs its own line only.
    """
    allow_cells(max_chars)
    lines = _Lines(file, max_chars)
    reader = iter(dialect.reader(lines))
    while True:
        lines.next_record()
        start = lines.number + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except _Unended:
            text = lines.give_up_first()
            reader = iter(dialect.reader(lines))
            yield Record(line=start, cells=[], text=text, problem="A quote is opened and never closed.")
            continue
        except csv.Error as problem:
            text = "".join(lines.current)
            reader = iter(dialect.reader(lines))
            yield Record(line=start, cells=[], text=text, problem=f"The line cannot be split: {problem}.")
            continue
        if not cells or (len(cells) == 1 and not cells[0].strip() and '"' not in lines.current[0]):
            continue
        yield Record(line=start, cells=cells, text="".join(lines.current))


@dataclass(kw_only=True)
class Tally:
    """Counts of one reading.

    longest: characters of the longest row.   first_reject: line and reason of the first rejected row below the header.
    """

    rows: int = 0
    rejected: int = 0
    longest: int = 0
    first_reject: tuple[int, str] | None = None


class Rejects:
    """The file of rejected rows: line, reason, text."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("w", encoding="utf-8", newline="")
        self._writer = csv.writer(self._file)
        self._writer.writerow(["line", "reason", "text"])

    def __enter__(self) -> Rejects:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, line: int, reason: str, text: str) -> None:
        """Write one rejected row; a very long text is cut."""
        self._writer.writerow([line, reason, text.rstrip("\r\n")[:_REJECT_TEXT]])


def normalise(
    source: Path,
    target: Path,
    dialect: Dialect,
    layout: Layout,
    *,
    max_chars: int,
    reject: Callable[[int, str, str], Any],
    progress: Callable[[float], None],
) -> Tally:
    """Rewrite the table of a UTF-8 text file as plain comma-separated lines without header, reporting every odd row.

    Returns: counts; `rows` are written rows, `rejected` all others but the header.
    """
    tally = Tally()
    size = max(source.stat().st_size, 1)
    seen = 0
    has_header = layout.has_header
    with (
        source.open(encoding="utf-8-sig", newline="", errors="replace") as file,
        target.open("w", encoding="utf-8", newline="") as out,
    ):
        writer = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_MINIMAL)
        # Only what the line end holds is quoted by need: a "\r" in a cell would end the row.
        quoting = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL)
        for position, record in enumerate(read_records(file, dialect, max_chars=max_chars)):
            seen += len(record.text)
            if position % _PROGRESS_ROWS == 0:
                progress(min(seen / size, 1.0))
            if position == layout.preamble and has_header:
                continue
            reason = _problem(record, position, layout)
            if reason is None:
                chosen = quoting if "\r" in record.text.rstrip("\r\n") else writer
                chosen.writerow(record.cells if layout.width > 1 else record.cells or [""])
                tally.rows += 1
                tally.longest = max(tally.longest, len(record.text))
                continue
            reject(record.line, reason, record.text)
            tally.rejected += 1
            if tally.first_reject is None and position > layout.preamble:
                tally.first_reject = (record.line, reason)
    return tally


def _problem(record: Record, position: int, layout: Layout) -> str | None:
    if position < layout.preamble:
        return "The row stands above the table."
    if record.problem:
        return record.problem
    if len(record.cells) != layout.width:
        cells = "1 cell" if len(record.cells) == 1 else f"{len(record.cells)} cells"
        return f"The row has {cells}. Expected {layout.width}."
    return None


def refuse_no_rows(name: str, has_header: bool) -> BadData:
    """The error for a table in which no row is left."""
    found = "only a header" if has_header else "no row that fits the table"
    return BadData(
        f"The table in {name!r} has no rows. Expected a header and at least one row. Received {found}.",
        remedy="Export the data again and check that it has rows.",
    )
