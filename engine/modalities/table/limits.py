"""What reading a stranger's file may cost."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class ImportLimits:
    """Bounds on time and memory.

    memory_bytes: what DuckDB may hold; it goes to disk beyond that.   threads: what DuckDB may use.
    max_columns: wider tables are refused.   max_line_bytes: a longer line or cell ends the import or the row.
    max_unpacked_bytes: most bytes that a compressed file may unpack to.
    sample_bytes: how much of a larger file the types are guessed from (head, middle and tail).
    careful_bytes: smaller files are read row by row at once, larger ones only when the fast way finds a fault.
    temporary_folder: where spilled memory and unpacked files go; the system's own when None.
    """

    memory_bytes: int = 1 << 30
    threads: int = 2
    max_columns: int = 4096
    max_line_bytes: int = 16 << 20
    max_unpacked_bytes: int = 64 << 30
    sample_bytes: int = 1 << 19
    careful_bytes: int = 2 << 20
    temporary_folder: Path | None = None
