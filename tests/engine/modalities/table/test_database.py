"""The database for files keeps to its limits, spills where it is told, and never fetches anything."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from engine.modalities.table.database import MIN_MEMORY_BYTES, open_database
from engine.modalities.table.limits import ImportLimits


def setting(connection: duckdb.DuckDBPyConnection, name: str) -> object:
    return connection.execute("SELECT current_setting(?)", [name]).fetchall()[0][0]


def test_it_takes_its_limits_and_no_less_than_it_can_work_with(tmp_path: Path) -> None:
    limits = ImportLimits(memory_bytes=512 << 20, threads=3, temporary_folder=tmp_path)
    with open_database(limits) as connection:
        assert setting(connection, "threads") == 3
        assert setting(connection, "memory_limit") == "512.0 MiB"
        assert str(setting(connection, "temp_directory")).startswith(str(tmp_path))
        assert setting(connection, "TimeZone") == "UTC"
    with open_database(ImportLimits(memory_bytes=1, threads=0)) as connection:
        assert setting(connection, "threads") == 1
        assert setting(connection, "memory_limit") == f"{MIN_MEMORY_BYTES >> 20}.0 MiB"


def test_what_does_not_fit_is_an_error_and_not_a_larger_process(tmp_path: Path) -> None:
    limits = ImportLimits(memory_bytes=64 << 20, threads=1, temporary_folder=tmp_path)
    with open_database(limits) as connection:
        with pytest.raises(duckdb.OutOfMemoryException):
            connection.execute("SELECT length(list(range)) FROM range(20000000)").fetchall()
        assert connection.execute("SELECT count(*) FROM range(20000000)").fetchall() == [(20_000_000,)]
    assert list(tmp_path.iterdir()) == []


def test_no_extension_is_installed_or_loaded_behind_ones_back() -> None:
    with open_database(ImportLimits()) as connection:
        for name in (
            "autoinstall_known_extensions",
            "autoload_known_extensions",
            "allow_community_extensions",
        ):
            assert setting(connection, name) is False
        with pytest.raises(duckdb.Error):
            connection.execute("SELECT * FROM read_csv('https://example.invalid/a.csv')")
