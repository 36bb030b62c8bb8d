"""Quote names and values for DuckDB, so that no outside text is ever read as SQL."""

from __future__ import annotations

from pathlib import Path


def quote_name(name: str) -> str:
    """Return `name` as a quoted SQL identifier.

    >>> quote_name("a b")
    '"a b"'
    """
    return '"' + name.replace('"', '""') + '"'


def quote_text(text: str) -> str:
    """Return `text` as an SQL string.

    >>> quote_text("it's")
    "'it''s'"
    """
    return "'" + text.replace("'", "''") + "'"


def parquet(path: Path, *, numbered: bool = False) -> str:
    """Return the SQL relation of one Parquet file: its own columns, whatever its folders are called.

    numbered: with a column `file_row_number`, 0-based. Left alone, DuckDB reads `*` and `[` in a path as patterns
    and takes a folder such as `income=1` for a column.

    >>> parquet(Path("/runs/a=1/data.parquet"))
    "read_parquet('/runs/a=1/data.parquet', hive_partitioning = false)"
    """
    more = ", file_row_number = true" if numbered else ""
    return f"read_parquet({quote_text(glob_escape(path))}, hive_partitioning = false{more})"


def glob_escape(path: Path) -> str:
    """Return a path that DuckDB takes literally: `*`, `?` and `[` in names are no patterns.

    >>> glob_escape(Path("/data/what?.csv"))
    '/data/what[?].csv'
    """
    return "".join(f"[{c}]" if c in "*?[" else c for c in str(path.absolute()))
