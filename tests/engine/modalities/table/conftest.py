"""A workplace and a database such as an import has, for the tests of its parts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest

from engine.modalities.table.database import open_database
from engine.modalities.table.limits import ImportLimits
from engine.modalities.table.records import Rejects
from engine.modalities.table.source import RawTable, Workplace

LIMITS = ImportLimits(memory_bytes=256 << 20, threads=1)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Workplace]:
    folder = tmp_path / "place"
    folder.mkdir()
    with Rejects(folder / "rejects.csv") as rejects:
        yield Workplace(folder=folder, limits=LIMITS, rejects=rejects, progress=lambda share: None)


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with open_database(LIMITS) as opened:
        yield opened


@pytest.fixture
def cells(connection: duckdb.DuckDBPyConnection) -> Callable[[RawTable], list[tuple[str | None, ...]]]:
    """Read all raw cells of a table."""

    def read(raw: RawTable) -> list[tuple[str | None, ...]]:
        return connection.execute(f"SELECT {', '.join(raw.columns)} FROM {raw.relation}").fetchall()

    return read
