"""Turn a file of any format into one raw relation that DuckDB reads: text cells under positional names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from engine.modalities.table.limits import ImportLimits
from engine.modalities.table.records import Rejects
from engine.sql import glob_escape, quote_text


@dataclass(frozen=True, kw_only=True)
class Workplace:
    """Where and how a reading works.   folder: for files that are removed afterwards."""

    folder: Path
    limits: ImportLimits
    rejects: Rejects
    progress: Callable[[float], None]

    def temporary(self, name: str) -> Path:
        """Return a path for a file that is removed afterwards."""
        return self.folder / f".tmp-{name}"


@dataclass(frozen=True, kw_only=True)
class RawTable:
    """A readable table.

    relation: SQL after FROM, with VARCHAR columns c0, c1 … (native numeric columns where `native` says so).
    sample: SQL after FROM for type guessing; the same relation when it is small.
    written: column names as the file writes them, "" where it gives none.
    native: position → SQL of the stored value, for columns that a typed file already holds as numbers.
    rejected: rows already in the rejects file.
    expected_rows: an independent count that the import is checked against.
    count_rows: gives `expected_rows` later, while the file is being read; None when the file is not what it seemed.
    cuts_blanks: blanks before cells were cut while reading, so that no one can see them in the relation.
    retry: makes the careful RawTable when the fast reading fails or loses a row.
    """

    format: str
    relation: str
    written: tuple[str, ...]
    sample: str = ""
    native: dict[int, tuple[str, str]] = field(default_factory=dict)
    rejected: int = 0
    first_reject: tuple[int, str] | None = None
    expected_rows: int | None = None
    count_rows: Callable[[], int | None] | None = None
    encoding: str = ""
    delimiter: str = ""
    quote: str = ""
    has_header: bool = True
    cuts_blanks: bool = False
    notes: tuple[str, ...] = ()
    retry: Callable[[], RawTable] | None = None

    def expected(self) -> int | None:
        """The independent count of rows, waited for where it is still under way."""
        return self.count_rows() if self.count_rows else self.expected_rows

    @property
    def columns(self) -> tuple[str, ...]:
        """Positional names of the relation's columns."""
        return tuple(f"c{i}" for i in range(len(self.written)))


def csv_relation(
    path: Path,
    width: int,
    *,
    delimiter: str = ",",
    quote: str = '"',
    skip: int = 0,
    max_line_bytes: int,
    ignore_errors: bool = False,
    **more: str,
) -> str:
    """SQL after FROM that reads a text file as VARCHAR columns c0, c1 … with nothing left to DuckDB's guessing.

    more: further options of `read_csv` as SQL.
    """
    columns = ", ".join(f"'c{i}': 'VARCHAR'" for i in range(width))
    options = {
        "auto_detect": "false",
        "header": "false",
        "delim": quote_text(delimiter),
        "quote": quote_text(quote),
        "escape": quote_text(quote),
        "skip": str(skip),
        "columns": f"{{{columns}}}",
        "nullstr": "''",
        "strict_mode": "true",
        "max_line_size": str(max_line_bytes),
        "ignore_errors": "true" if ignore_errors else "false",
        "null_padding": "false",
        "compression": "'none'",
        "encoding": "'utf-8'",
    } | more
    settings = ", ".join(f"{key} = {value}" for key, value in options.items())
    return f"read_csv({quote_text(glob_escape(path))}, {settings})"
