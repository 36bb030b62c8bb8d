"""Look at a database before it is opened for work: whose it is, how old, and whether anything of it was lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

from store.commits import Count, read_count
from store.folder import DataFolder
from store.migrate import NewerData, newest_format


class DatabaseDamaged(Exception):
    """The database cannot be trusted; nothing was changed, so that a person can save what is there."""


def examine(folder: DataFolder) -> int | None:
    """Return the format of the folder's database, or None where there is none yet.

    It opens for reading alone and changes nothing, and it reads every column of every row: a count of rows is right
    even where half of the file is missing (RELIABILITY fact 6).
    Raises: NewerData, DatabaseDamaged, OSError.
    """
    expected = read_count(folder.commits)
    if not folder.database.exists():
        if expected is not None or log_of(folder).exists():
            raise DatabaseDamaged(f"{folder.database.name} is missing, but files beside it are there.")
        return None
    try:
        with duckdb.connect(str(folder.database), read_only=True, config=_SETTINGS) as connection:
            return _judge(connection, expected)
    except duckdb.Error as error:
        raise DatabaseDamaged(str(error)) from error


def log_of(folder: DataFolder) -> Path:
    """Return the path of the write-ahead log that DuckDB keeps beside the database."""
    return folder.database.with_name(f"{folder.database.name}.wal")


_SETTINGS: dict[str, Any] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "enable_external_access": False,
    "memory_limit": "256MB",
    "threads": 2,
}


def _judge(connection: duckdb.DuckDBPyConnection, expected: Count | None) -> int:
    tables = [row[0] for row in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()]
    if "meta" not in tables:
        raise DatabaseDamaged("The database has lost its first table.")
    row = connection.execute("SELECT format, id, commits FROM meta").fetchone()
    if row is None:
        raise DatabaseDamaged("The database does not say which format it has.")
    found, identity, commits = row
    if found > newest_format():
        raise NewerData(found, newest_format())
    if expected is not None and expected.database != identity:
        raise DatabaseDamaged("The database and the commit counter beside it are not of the same box.")
    if expected is not None and expected.commits > commits:
        raise DatabaseDamaged(
            f"The last {expected.commits - commits:,} of {expected.commits:,} confirmed changes are missing: "
            "the database or its log was cut, removed or replaced by an older copy."
        )
    for table in tables:
        connection.execute(f'SELECT bit_xor(hash(t)) FROM "{table}" AS t').fetchall()
    return int(found)
