"""A table and the record its rows become: the same names on both sides, written down once."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any, Generic, Protocol, TypeVar

Row = dict[str, Any]
Record = TypeVar("Record")

_ROWS_AT_ONCE = 100


class Reads(Protocol):
    """What can be asked: the database, or a transaction that is under way."""

    def read(self, sql: str, params: Sequence[Any] = ()) -> list[Row]:
        """Return the rows of a query."""
        ...


class Writes(Reads, Protocol):
    """What can be changed: a transaction that is under way."""

    def execute(self, sql: str, params: Sequence[Any] = ()) -> int:
        """Run one statement and return the number of rows it changed."""
        ...


class Table(Generic[Record]):
    """A table whose columns are the fields of the frozen dataclass `kind`.   json: the columns that hold JSON text."""

    def __init__(self, name: str, kind: type[Record], *, json: frozenset[str] = frozenset()) -> None:
        self.name = name
        self.kind = kind
        self.json = json
        self.columns = tuple(field.name for field in fields(kind))  # type: ignore[arg-type]
        self.listed = ", ".join(f'"{column}"' for column in self.columns)

    def where(self, source: Reads, tail: str, params: Sequence[Any] = ()) -> tuple[Record, ...]:
        """Return the records of `SELECT … FROM table {tail}`; `tail` is SQL of our own, values go by `?`."""
        rows = source.read(f"SELECT {self.listed} FROM {self.name} {tail}", params)
        return tuple(self._record(row) for row in rows)

    def one(self, source: Reads, tail: str, params: Sequence[Any] = ()) -> Record | None:
        """Return the first record of `where`, or None."""
        return next(iter(self.where(source, tail, params)), None)

    def count(self, source: Reads, tail: str = "", params: Sequence[Any] = ()) -> int:
        """Return how many rows `FROM table {tail}` has."""
        return int(source.read(f"SELECT count(*) AS n FROM {self.name} {tail}", params)[0]["n"])

    def ids(self, source: Reads, tail: str = "") -> frozenset[str]:
        """Return the ids of the rows of `SELECT … FROM table {tail}`, by one query."""
        return frozenset(row["id"] for row in source.read(f"SELECT id FROM {self.name} {tail}"))

    def insert(self, tx: Writes, record: Record) -> Record:
        """Write one row and return its record.   Raises: duckdb.ConstraintException."""
        marks = ", ".join("?" * len(self.columns))
        values = [self._value(column, getattr(record, column)) for column in self.columns]
        tx.execute(f"INSERT INTO {self.name} ({self.listed}) VALUES ({marks})", values)
        return record

    def insert_many(self, tx: Writes, records: Sequence[Record]) -> None:
        """Write several rows with few statements.   Raises: duckdb.ConstraintException."""
        marks = f"({', '.join('?' * len(self.columns))})"
        for start in range(0, len(records), _ROWS_AT_ONCE):
            some = records[start : start + _ROWS_AT_ONCE]
            values = [
                self._value(column, getattr(record, column)) for record in some for column in self.columns
            ]
            tx.execute(
                f"INSERT INTO {self.name} ({self.listed}) VALUES {', '.join([marks] * len(some))}", values
            )

    def update(self, tx: Writes, changes: Mapping[str, Any], where: str, params: Sequence[Any]) -> int:
        """Set columns of the rows that `where` (SQL of our own) picks.   Raises: KeyError for an unknown column."""
        unknown = set(changes) - set(self.columns)
        if unknown:
            raise KeyError(f"{self.name} has no {', '.join(sorted(unknown))}")
        settings = ", ".join(f'"{column}" = ?' for column in changes)
        values = [self._value(column, value) for column, value in changes.items()]
        return tx.execute(f"UPDATE {self.name} SET {settings} WHERE {where}", [*values, *params])

    def _record(self, row: Row) -> Record:
        for column in self.json:
            if row[column] is not None:
                row[column] = json.loads(row[column])
        return self.kind(**row)

    def _value(self, column: str, value: Any) -> Any:
        if column in self.json and value is not None:
            return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        return value


def now() -> datetime:
    """Return the time of day in UTC, as every record keeps it."""
    return datetime.now(UTC)


def matching(search: str, *columns: str) -> tuple[str, list[str]]:
    """Return SQL that holds where a column contains `search` in any case, and its values; "TRUE" for no search."""
    text = search.strip()[:200].lower()
    if not text:
        return "TRUE", []
    return "(" + " OR ".join(f"contains(lower({column}), ?)" for column in columns) + ")", [text] * len(
        columns
    )
