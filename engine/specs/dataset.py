"""What an import did: the record that stands beside the imported table."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class ImportSummary:
    """How a file was read, and what became of every row.

    format: "csv", "parquet", "jsonl" or "excel"; a gzip-compressed file counts as what is inside. Of pictures:
        "images" (files), "idx" (MNIST's) or "pixels" (a table of them).
    encoding: Python codec name, "" for binary formats.   delimiter, quote: "" where there is none.
    decimal, thousands: marks that most number columns are written with.
    rows_read: rows in the file, without the header and without blank lines; always rows_imported + rows_rejected.
    notes: sentences for a person about everything that is not in the imported table as it stood in the file.
    """

    format: str
    bytes: int
    rows_read: int
    rows_imported: int
    rows_rejected: int
    encoding: str = ""
    delimiter: str = ""
    quote: str = ""
    decimal: str = "."
    thousands: str = ""
    has_header: bool = True
    notes: tuple[str, ...] = ()
    version: int = 1
