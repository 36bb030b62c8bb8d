"""The one place that opens a DuckDB for work on files: bounded, offline, in memory."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import duckdb

from engine.modalities.table.limits import ImportLimits

MIN_MEMORY_BYTES = 64 << 20


def open_database(limits: ImportLimits) -> duckdb.DuckDBPyConnection:
    """Open an in-memory DuckDB that keeps to `limits`, keeps file order and never loads or fetches an extension.

    Use it as a context manager; closing it frees everything it spilled.
    """
    folder = Path(limits.temporary_folder or tempfile.gettempdir())
    connection = duckdb.connect(
        ":memory:",
        config={
            "memory_limit": f"{max(limits.memory_bytes, MIN_MEMORY_BYTES) // 1024}KiB",
            "threads": max(1, limits.threads),
            "temp_directory": str(folder / f"aimass-duckdb-{os.getpid()}"),
            "preserve_insertion_order": True,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "allow_community_extensions": False,
            "allow_persistent_secrets": False,
        },
    )
    connection.execute("SET TimeZone = 'UTC'; SET enable_progress_bar = false")
    return connection
