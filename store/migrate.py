"""Bring an older database to the newest format, one numbered file after the other."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import duckdb

from store.identifiers import new_id
from store.table import now

_HERE = Path(__file__).parent


class NewerData(Exception):
    """The data was written by a newer build.   found, known: format numbers."""

    def __init__(self, found: int, known: int) -> None:
        super().__init__(f"data format {found}, this build knows {known}")
        self.found = found
        self.known = known


@dataclass(frozen=True)
class Migration:
    """One step.   number: the format it leads to."""

    number: int
    name: str
    sql: str


@cache
def migrations() -> tuple[Migration, ...]:
    """Return every migration in order; their numbers count from 1 without a gap."""
    found: list[Migration] = []
    for path in sorted((_HERE / "migrations").glob("*.sql")):
        match = re.fullmatch(r"(\d{4})_(\w+)", path.stem)
        if match is None or int(match[1]) != len(found) + 1:
            raise ValueError(f"{path.name} is not number {len(found) + 1:04}")
        found.append(Migration(int(match[1]), match[2], path.read_text(encoding="utf-8")))
    return tuple(found)


def newest_format() -> int:
    """Return the format that this build writes."""
    return migrations()[-1].number


def create(connection: duckdb.DuckDBPyConnection, upto: int | None = None) -> None:
    """Fill an empty database in one transaction: the newest schema, or an older format by its migrations."""
    sources = (
        [_HERE.joinpath("schema.sql").read_text(encoding="utf-8")]
        if upto is None
        else [step.sql for step in migrations()[:upto]]
    )
    with connection.cursor() as cursor:
        cursor.begin()
        for sql in sources:
            cursor.execute(sql)
        stamp = now().replace(tzinfo=None)
        cursor.execute("INSERT INTO meta VALUES (?, ?, 0, ?)", [upto or newest_format(), new_id(), stamp])
        cursor.commit()


def migrate(connection: duckdb.DuckDBPyConnection, found: int) -> None:
    """Apply what is missing, each migration and its number in one transaction.   Raises: NewerData, duckdb.Error."""
    if found > newest_format():
        raise NewerData(found, newest_format())
    for step in migrations()[found:]:
        with connection.cursor() as cursor:
            cursor.begin()
            cursor.execute(step.sql)
            cursor.execute("UPDATE meta SET format = ?", [step.number])
            cursor.commit()
