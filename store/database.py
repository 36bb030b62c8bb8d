"""The one database of a data folder: many readers, one writer, and no change confirmed that is not kept."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import duckdb

from store.commits import CommitCount, Count
from store.examine import DatabaseDamaged, examine, log_of
from store.folder import PRIVATE_FILE, DataFolder
from store.identifiers import new_id
from store.migrate import NewerData, create, migrate, newest_format
from store.remembered import Memory, Result
from store.table import Row

__all__ = ["Database", "DatabaseBroken", "DatabaseDamaged", "DatabaseFull", "NewerData", "Transaction"]

_log = logging.getLogger(__name__)

#: Idle cursors kept for the next readers; making one costs a tenth of a read.
_IDLE_CURSORS = 16
_NEW = "new-"
_SETTINGS: dict[str, Any] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    # Both plan longer to read less of large tables. Ours are small: without them lists take a third less time.
    "disabled_optimizers": "compressed_materialization,late_materialization",
    "memory_limit": "256MB",
    "python_enable_replacements": False,
    "threads": 2,
}


class DatabaseBroken(Exception):
    """The database engine gave up (a failed flush, a full disk at the wrong moment): the process has to restart.

    Nothing that was confirmed is lost (RELIABILITY fact 7).
    """


class DatabaseFull(Exception):
    """The disk is full: the change was not saved, everything before it is, and reading goes on."""


class NestedTransaction(Exception):
    """A thread that has a transaction open asked for another: it would wait for itself."""


class Transaction:
    """A change under way; made by `Database.write`. Nobody else sees it before it is confirmed."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection) -> None:
        self._cursor = cursor
        self.has_changed = False

    def read(self, sql: str, params: Sequence[Any] = ()) -> list[Row]:
        """Return the rows of a query, this transaction's own changes included."""
        return _ask(self._cursor, sql, params).dictionaries()

    def execute(self, sql: str, params: Sequence[Any] = ()) -> int:
        """Run one INSERT, UPDATE or DELETE and return the number of rows it changed.   Raises: duckdb.Error."""
        self.has_changed = True
        found = self._cursor.execute(sql, [_bound(value) for value in params]).fetchone()
        return int(found[0]) if found else 0


class Database:
    """An open database; any number of threads may use it. Made by `open`."""

    def __init__(self, folder: DataFolder, connection: duckdb.DuckDBPyConnection) -> None:
        self._folder = folder
        self._connection = connection
        self._idle: list[duckdb.DuckDBPyConnection] = []
        self._idle_lock = threading.Lock()
        self._write_lock = threading.Lock()
        self._writer: int | None = None
        self._is_open = True
        self._broken: str | None = None
        self._log_entry: int | None = None
        self._memory = Memory()
        meta = _ask(connection, "SELECT id, commits FROM meta", ()).dictionaries()[0]
        self._commits = int(meta["commits"])
        self._count = CommitCount(folder.commits, Count(meta["id"], self._commits))

    @classmethod
    def open(cls, folder: DataFolder) -> Self:
        """Open the folder's database; made, or brought to the newest format, where needed.

        The caller owns the folder (`FolderClaim`): nothing here keeps a second process out.
        Raises: NewerData, DatabaseDamaged, DatabaseFull, OSError.
        """
        folder.create()
        found = examine(folder)
        if found is not None and found < newest_format():
            _keep_copy(folder, found)
        with contextlib.ExitStack() as undo:
            try:
                if found is None:
                    _make(folder)
                connection = undo.enter_context(_connect(folder))
                migrate(connection, newest_format() if found is None else found)
            except duckdb.Error as error:
                if _is_full(error):
                    raise DatabaseFull(str(error)) from error
                raise DatabaseDamaged(str(error)) from error
            folder.database.chmod(PRIVATE_FILE)
            opened = cls(folder, connection)
            undo.pop_all()
            return opened

    @property
    def broken(self) -> str | None:
        """Why the engine gave up, or None. The process can only end and be started again."""
        return self._broken

    @property
    def commits(self) -> int:
        """How many transactions changed anything: while it stays, so does what was read."""
        return self._commits

    def read(self, sql: str, params: Sequence[Any] = ()) -> list[Row]:
        """Return the rows of a query as dictionaries; times are UTC.   Raises: DatabaseBroken, duckdb.Error.

        What was asked before is answered from memory until something changes, so a query must depend on nothing but
        the tables and its values.
        """
        # Taken before the question is put: what is found is of this state or a later one, and is forgotten with it.
        remembered = self._memory.current if self._is_open and self._broken is None else None
        found = remembered.get(sql, params) if remembered is not None else None
        if found is None:
            found = self._ask(sql, params)
            if remembered is not None:
                remembered.put(sql, params, found)
        return found.dictionaries()

    def _ask(self, sql: str, params: Sequence[Any]) -> Result:
        cursor = self._take()
        try:
            found = _ask(cursor, sql, params)
        except duckdb.Error as error:
            self._judge(error)
            cursor.close()
            raise
        self._give_back(cursor)
        return found

    @contextlib.contextmanager
    def write(self) -> Iterator[Transaction]:
        """Open the one transaction that may change things; others wait for it. An exception takes all of it back.

        Raises: DatabaseFull (nothing was saved), DatabaseBroken, duckdb.Error.
        """
        if self._writer == threading.get_ident():
            raise NestedTransaction("Hand the open transaction down instead of opening another.")
        with self._write_lock:
            self._writer = threading.get_ident()
            cursor = self._take()
            try:
                cursor.begin()
                transaction = Transaction(cursor)
                yield transaction
                self._confirm(cursor, transaction)
            except duckdb.Error as error:
                self._abandon(cursor)
                self._judge(error)
                if _is_full(error):
                    raise DatabaseFull(str(error)) from error
                raise
            except BaseException:
                self._abandon(cursor)
                raise
            else:
                self._give_back(cursor)
            finally:
                self._writer = None

    def backup(self, target: Path) -> None:
        """Write a whole copy of the database, as it is at one moment, to `target`; work goes on meanwhile.

        Raises: FileExistsError, DatabaseFull, DatabaseBroken, OSError.
        """
        if target.exists():
            raise FileExistsError(str(target))
        cursor = self._take()
        try:
            _copy(cursor, self._folder, target)
        except duckdb.Error as error:
            self._judge(error)
            if _is_full(error):
                raise DatabaseFull(str(error)) from error
            raise
        finally:
            cursor.close()

    def close(self) -> None:
        """Wait for the writer, write everything into the one file, and close; a second call does nothing."""
        with self._write_lock, self._idle_lock:
            if not self._is_open:
                return
            self._is_open = False
            while self._idle:
                self._idle.pop().close()
            try:
                self._connection.execute("CHECKPOINT")
            except duckdb.Error as error:
                # What was confirmed is in the write-ahead log; the next start reads it from there.
                _log.warning("The database was closed without a checkpoint: %s", error)
            self._connection.close()
            self._count.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self.close()

    def _confirm(self, cursor: duckdb.DuckDBPyConnection, transaction: Transaction) -> None:
        if not transaction.has_changed:
            cursor.commit()
            return
        cursor.execute("UPDATE meta SET commits = ?", [self._commits + 1])
        with self._memory.changing():
            cursor.commit()
            self._commits += 1
        try:
            self._keep_log_entry()
            self._count.write(self._commits)
        except OSError as error:
            # The change is kept; a count that is behind only notices less at the next start.
            _log.warning("The commit counter cannot be written: %s", error)

    def _keep_log_entry(self) -> None:
        """Flush the folder when DuckDB has begun a new log: it flushes the log, but not that there is one (fact 1)."""
        entry = _inode(log_of(self._folder))
        if entry != self._log_entry:
            _sync(self._folder.root)
            self._log_entry = entry

    def _take(self) -> duckdb.DuckDBPyConnection:
        if self._broken is not None:
            raise DatabaseBroken(self._broken)
        with self._idle_lock:
            if not self._is_open:
                raise DatabaseBroken("The database is closed.")
            return self._idle.pop() if self._idle else self._connection.cursor()

    def _give_back(self, cursor: duckdb.DuckDBPyConnection) -> None:
        with self._idle_lock:
            if self._is_open and len(self._idle) < _IDLE_CURSORS:
                self._idle.append(cursor)
                return
        cursor.close()

    def _abandon(self, cursor: duckdb.DuckDBPyConnection) -> None:
        with contextlib.suppress(duckdb.Error):
            cursor.rollback()
        with contextlib.suppress(duckdb.Error):
            cursor.close()

    def _judge(self, error: duckdb.Error) -> None:
        """After these two the whole in-process database refuses everything (fact 7)."""
        if isinstance(error, duckdb.FatalException | duckdb.InternalException):
            self._broken = str(error)
            _log.critical("The database engine gave up: %s", error)
            raise DatabaseBroken(self._broken) from error


def _copy(cursor: duckdb.DuckDBPyConnection, folder: DataFolder, target: Path) -> None:
    """Copy the database through a file in the cache.   Raises: duckdb.Error, OSError."""
    # DuckDB may write inside the data folder only. It must not open a file of ours by path, and does not.
    name = f"backup_{new_id()}"
    copy = folder.cache / f"{name}.duckdb"
    try:
        cursor.execute(f"ATTACH {_quoted(copy)} AS {name}")
        try:
            cursor.execute(f"COPY FROM DATABASE {_own_name(cursor)} TO {name}")
        finally:
            cursor.execute(f"DETACH {name}")
        copy.chmod(PRIVATE_FILE)
        shutil.move(copy, target)
    finally:
        copy.unlink(missing_ok=True)
        copy.with_name(f"{copy.name}.wal").unlink(missing_ok=True)


def _make(folder: DataFolder) -> None:
    """Put a whole new database in place, or none: a first start that is killed half-way begins again (R2)."""
    for left in folder.cache.glob(f"{_NEW}*"):
        left.unlink()
    new = folder.cache / f"{_NEW}{new_id()}.duckdb"
    try:
        with duckdb.connect(str(new), config=_SETTINGS) as connection:
            create(connection)
            connection.execute("CHECKPOINT")
        new.chmod(PRIVATE_FILE)
        new.rename(folder.database)
        # DuckDB never flushes the folder that its files are in (fact 1).
        _sync(folder.root)
    finally:
        new.unlink(missing_ok=True)


def _connect(folder: DataFolder) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(
        str(folder.database), config=_SETTINGS | {"temp_directory": str(folder.cache / "duckdb")}
    )
    # In this order: the last two forbid everything after them (fact 8).
    connection.execute("SET max_temp_directory_size = '2GB'")
    connection.execute(f"SET allowed_directories = [{_quoted(folder.root)}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection


def _ask(cursor: duckdb.DuckDBPyConnection, sql: str, params: Sequence[Any]) -> Result:
    found = cursor.execute(sql, [_bound(value) for value in params])
    names = tuple(column[0] for column in found.description or ())
    return Result(names, tuple(tuple(map(_read, row)) for row in found.fetchall()))


def _read(value: Any) -> Any:
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) and value.tzinfo is None else value


def _bound(value: Any) -> Any:
    """What DuckDB is given: times as UTC without a zone, since it would turn them by the machine's; text as UTF-8."""
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError(f"A time without a zone: {value}")
        return value.astimezone(UTC).replace(tzinfo=None)
    if isinstance(value, str) and not value.isascii():
        # Half a surrogate pair, as JSON may bring, is no text that UTF-8 can hold.
        return value.encode("utf-8", "replace").decode("utf-8")
    return value


def _own_name(cursor: duckdb.DuckDBPyConnection) -> str:
    found = cursor.execute("SELECT current_database()").fetchone()
    return '"' + str(found[0] if found else "").replace('"', '""') + '"'


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def _is_full(error: duckdb.Error) -> bool:
    return any(words in str(error) for words in ("No space left", "Disk quota exceeded", "File too large"))


def _keep_copy(folder: DataFolder, found: int) -> None:
    """Keep the files as an older build wrote them; nothing has them open yet."""
    for source in (folder.database, log_of(folder)):
        if source.exists():
            name = f"{source.name}.format-{found}"
            shutil.copy2(source, source.with_name(name))


def _inode(path: Path) -> int | None:
    try:
        return path.stat().st_ino
    except FileNotFoundError:
        return None


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
