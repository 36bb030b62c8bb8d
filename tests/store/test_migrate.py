"""Every older database becomes the newest one, and is what a new one is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from store import migrate as module
from store.audit import AUDIT
from store.database import Database
from store.examine import log_of
from store.folder import DataFolder
from store.migrate import Migration, NewerData, create, migrate, migrations, newest_format


def shape(connection: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    """Everything the catalogue knows about columns, constraints and indexes."""
    columns = (
        "SELECT table_name, column_name, column_index, data_type, is_nullable, column_default FROM duckdb_columns()"
        " WHERE NOT internal ORDER BY ALL"
    )
    constraints = (
        "SELECT table_name, constraint_type, constraint_text, constraint_column_names FROM duckdb_constraints()"
        " ORDER BY ALL"
    )
    indexes = "SELECT table_name, index_name, expressions, is_unique FROM duckdb_indexes() ORDER BY ALL"
    return [row for sql in (columns, constraints, indexes) for row in connection.execute(sql).fetchall()]


def test_every_older_format_becomes_what_a_new_database_is() -> None:
    with duckdb.connect() as newest:
        create(newest)
        expected = shape(newest)
    assert len(expected) > 50
    for number in range(1, newest_format() + 1):
        with duckdb.connect() as older:
            create(older, upto=number)
            migrate(older, number)
            assert shape(older) == expected, f"from format {number}"
            assert older.execute("SELECT format FROM meta").fetchone() == (newest_format(),)


def test_they_are_numbered_without_a_gap() -> None:
    assert [step.number for step in migrations()] == list(range(1, newest_format() + 1))


def test_newer_data_is_refused() -> None:
    with duckdb.connect() as connection:
        create(connection)
        with pytest.raises(NewerData):
            migrate(connection, newest_format() + 1)


def two_more(*sql: str) -> tuple[Migration, ...]:
    return (
        *migrations(),
        *(Migration(newest_format() + 1 + i, f"test_{i}", text) for i, text in enumerate(sql)),
    )


def test_an_older_folder_is_brought_forward_and_kept_as_it_was(
    folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Database.open(folder):
        pass
    format_before = newest_format()
    before = folder.database.read_bytes()
    steps = two_more("CREATE TABLE extra (a INTEGER)", "ALTER TABLE extra ADD COLUMN b INTEGER")
    monkeypatch.setattr(module, "migrations", lambda: steps)
    with Database.open(folder) as db:
        assert db.read("SELECT format FROM meta") == [{"format": format_before + 2}]
        assert db.read("SELECT a, b FROM extra") == []
        assert AUDIT.count(db) == 0
    assert folder.database.with_name(f"aimass.duckdb.format-{format_before}").read_bytes() == before


def test_a_migration_that_fails_leaves_the_format_before_it(
    folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Database.open(folder):
        pass
    format_before = newest_format()
    steps = two_more("CREATE TABLE extra (a INTEGER)", "CREATE TABLE more (a INTEGER); SELECT * FROM nowhere")
    monkeypatch.setattr(module, "migrations", lambda: steps)
    with pytest.raises(Exception, match="nowhere"):
        Database.open(folder)
    with duckdb.connect(str(folder.database), read_only=True) as connection:
        assert connection.execute("SELECT format FROM meta").fetchone() == (format_before + 1,)
        tables = {row[0] for row in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    assert "extra" in tables
    assert "more" not in tables
    assert not log_of(folder).exists()


def test_a_gap_in_the_numbers_is_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "migrations").mkdir()
    (tmp_path / "migrations" / "0002_late.sql").write_text("SELECT 1", encoding="utf-8")
    monkeypatch.setattr(module, "_HERE", tmp_path)
    with pytest.raises(ValueError, match="0001"):
        migrations.__wrapped__()
