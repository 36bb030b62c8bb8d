"""Many readers, one writer; what was confirmed outlives kill -9 and full disks, what was not leaves no trace."""

from __future__ import annotations

import ast
import os
import random
import signal
import stat
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import pytest

from store import audit
from store.audit import AUDIT
from store.database import Database, DatabaseBroken, NestedTransaction
from store.folder import DataFolder
from store.table import now

WRITE_FOREVER = """
import sys
from pathlib import Path
from store import audit
from store.database import Database
from store.folder import DataFolder
db = Database.open(DataFolder(Path(sys.argv[1])))
while True:
    with db.write() as tx:
        audit.append(tx, who="a", action="x")
        entry = audit.append(tx, who="b", action="x")
    print(entry.seq, flush=True)
"""
#: A limit on the size of files stands in for a full disk: it needs no rights and stops the same system calls.
FILL_THE_DISK = """
import resource, sys
from pathlib import Path
from store import audit
from store.database import Database, DatabaseBroken, DatabaseFull
from store.folder import DataFolder

def limit(size):
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

db = Database.open(DataFolder(Path(sys.argv[1])))
limit(60_000)
try:
    while True:
        with db.write() as tx:
            audit.append(tx, who="a", action="x" * 300)
except DatabaseFull:
    print("full", db.broken is None, audit.verify(db))
count = audit.AUDIT.count(db)
if sys.argv[2] == "checkpoint":
    try:
        db.read("CHECKPOINT")
    except DatabaseBroken:
        print("broken", db.broken is not None)
    try:
        db.read("SELECT 1")
    except DatabaseBroken:
        print("still broken")
limit(resource.RLIM_INFINITY)
if sys.argv[2] == "commit":
    with db.write() as tx:
        audit.append(tx, who="a", action="after")
    count += 1
db.close()
print(count)
"""


def add(db: Database, who: str = "ada", action: str = "test") -> int:
    with db.write() as tx:
        return audit.append(tx, who=who, action=action).seq


@pytest.mark.slow
@pytest.mark.parametrize("limit", [0, 5_000, 9_000, 60_000, 500_000])
def test_a_first_start_that_ends_half_way_begins_again(
    folder: DataFolder, repository: Path, limit: int
) -> None:
    script = (
        "import resource, sys; from pathlib import Path; from store.database import Database, DatabaseFull;"
        "from store.folder import DataFolder;"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, resource.RLIM_INFINITY));"
        "Database.open(DataFolder(Path(sys.argv[1])))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(folder.root)],
        cwd=repository,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "DatabaseFull" in done.stderr
    assert not folder.database.exists()
    with Database.open(folder) as db:
        assert add(db) == 1
    assert list(folder.cache.glob("*.duckdb*")) == []


def test_what_was_written_is_there_at_the_next_start(folder: DataFolder) -> None:
    with Database.open(folder) as db:
        add(db)
    with Database.open(folder) as db:
        assert [entry.who for entry in audit.recent(db)] == ["ada"]


def test_its_files_are_its_owners_alone(db: Database, folder: DataFolder) -> None:
    add(db)
    assert stat.S_IMODE(folder.root.stat().st_mode) == 0o700
    assert stat.S_IMODE(folder.database.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.commits.stat().st_mode) == 0o600


def test_an_exception_takes_the_whole_transaction_back(db: Database) -> None:
    with pytest.raises(ZeroDivisionError), db.write() as tx:
        audit.append(tx, who="ada", action="test")
        raise ZeroDivisionError
    assert AUDIT.count(db) == 0
    assert add(db) == 1


def test_a_failed_statement_takes_the_whole_transaction_back(db: Database) -> None:
    with pytest.raises(duckdb.ConstraintException), db.write() as tx:
        entry = audit.append(tx, who="ada", action="test")
        AUDIT.insert(tx, entry)
    assert AUDIT.count(db) == 0


def test_nobody_sees_what_is_not_confirmed(db: Database) -> None:
    with db.write() as tx:
        audit.append(tx, who="ada", action="test")
        assert AUDIT.count(tx) == 1
        assert AUDIT.count(db) == 0
    assert AUDIT.count(db) == 1


def test_a_transaction_inside_another_is_a_fault_and_no_deadlock(db: Database) -> None:
    with db.write(), pytest.raises(NestedTransaction), db.write():
        pass
    assert add(db) == 1


@pytest.mark.slow
def test_fifty_readers_see_whole_transactions_while_others_write(db: Database) -> None:
    """Every transaction adds two rows, so an odd count would be half of one."""
    until = time.monotonic() + 2
    seen: list[int] = []

    def read(_: int) -> None:
        while time.monotonic() < until:
            seen.append(AUDIT.count(db))

    def write(number: int) -> int:
        for _ in range(10):
            with db.write() as tx:
                audit.append(tx, who=str(number), action="x")
                audit.append(tx, who=str(number), action="y")
        return 20

    with ThreadPoolExecutor(54) as pool:
        readers = [pool.submit(read, number) for number in range(50)]
        written = sum(pool.map(write, range(4)))
        for reader in readers:
            reader.result()
    assert AUDIT.count(db) == written == 80
    assert {count % 2 for count in seen} == {0}
    assert audit.verify(db)


def test_readers_do_not_wait_for_the_writer(db: Database) -> None:
    add(db)
    with db.write() as tx, ThreadPoolExecutor(1) as pool:
        audit.append(tx, who="ada", action="slow")
        assert pool.submit(AUDIT.count, db).result(timeout=30) == 1


@pytest.mark.slow
def test_what_was_read_is_remembered_until_something_changes(db: Database) -> None:
    with db.write() as tx:
        audit.append(tx, who="a", action="x")
    assert [entry.who for entry in audit.recent(db)] == ["a"]
    db._connection.execute("UPDATE audit SET who = 'behind its back'")
    assert [entry.who for entry in audit.recent(db)] == ["a"]
    with db.write() as tx:
        assert [entry.who for entry in audit.recent(tx)] == ["behind its back"]  # a transaction always looks
    assert [entry.who for entry in audit.recent(db)] == ["a"]  # it changed nothing
    with db.write() as tx:
        audit.append(tx, who="b", action="x")
    assert [entry.who for entry in audit.recent(db)] == ["b", "behind its back"]


def test_a_change_that_is_taken_back_is_never_remembered(db: Database) -> None:
    with pytest.raises(RuntimeError), db.write() as tx:
        audit.append(tx, who="a", action="x")
        assert AUDIT.count(tx) == 1
        assert AUDIT.count(db) == 0
        raise RuntimeError
    assert AUDIT.count(db) == 0


@pytest.mark.slow
def test_nobody_who_saw_a_change_sees_the_state_before_it_again(db: Database) -> None:
    """One question is always the same and remembered, the other is new each time and goes to the tables."""
    over = threading.Event()

    def look() -> int:
        seen, number = 0, 0
        while not over.is_set():
            number += 1
            for tail, params in (("WHERE seq > ?", (-number,)), ("", ())):
                count = AUDIT.count(db, tail, params)
                assert count >= seen
                seen = count
        return seen

    with ThreadPoolExecutor(3) as pool:
        looks = [pool.submit(look) for _ in range(3)]
        for number in range(150):
            with db.write() as tx:
                audit.append(tx, who="a", action="x")
            assert AUDIT.count(db) == number + 1  # who wrote sees it
        over.set()
        assert all(1 <= found.result() <= 150 for found in looks)


@pytest.mark.slow
def test_kill_9_while_writing_loses_nothing_that_was_confirmed(folder: DataFolder, repository: Path) -> None:
    chance = random.Random(7)
    for _ in range(4):
        confirmed = 0
        with subprocess.Popen(
            [sys.executable, "-c", WRITE_FOREVER, str(folder.root)],
            cwd=repository,
            stdout=subprocess.PIPE,
            text=True,
        ) as writer:
            assert writer.stdout is not None
            confirmed = int(writer.stdout.readline())
            threading.Timer(chance.uniform(0.05, 0.5), writer.kill).start()
            for line in writer.stdout:
                confirmed = int(line)
        assert writer.returncode == -signal.SIGKILL
        with Database.open(folder) as db:
            count = AUDIT.count(db)
            # The one transaction that was under way is wholly there or wholly absent.
            assert count in (confirmed, confirmed + 2)
            assert audit.verify(db)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("moment", "said"),
    [("commit", ["full True True"]), ("checkpoint", ["full True True", "broken True", "still broken"])],
)
def test_a_full_disk_loses_nothing(
    folder: DataFolder, repository: Path, moment: str, said: list[str]
) -> None:
    """On a commit work goes on; on a checkpoint the engine gives up, says so, and the next start has everything."""
    done = subprocess.run(
        [sys.executable, "-c", FILL_THE_DISK, str(folder.root), moment],
        cwd=repository,
        capture_output=True,
        text=True,
        check=True,
    )
    *events, count = done.stdout.splitlines()
    assert events == said
    with Database.open(folder) as db:
        assert AUDIT.count(db) == int(count) > 10
        assert audit.verify(db)


def test_a_copy_that_cannot_be_put_in_place_harms_nothing(
    db: Database, folder: DataFolder, tmp_path: Path
) -> None:
    with pytest.raises(OSError, match="absent"):
        db.backup(tmp_path / "absent" / "copy.duckdb")
    assert add(db) == 1
    assert list(folder.cache.iterdir()) == []


def test_a_closed_database_says_so(folder: DataFolder) -> None:
    db = Database.open(folder)
    db.close()
    db.close()
    with pytest.raises(DatabaseBroken, match="closed"):
        db.read("SELECT 1")
    with pytest.raises(DatabaseBroken, match="closed"), db.write():
        pass


def test_closing_leaves_one_file(folder: DataFolder) -> None:
    db = Database.open(folder)
    add(db)
    db.close()
    assert [path.name for path in folder.root.glob("aimass.duckdb*")] == ["aimass.duckdb"]


def test_a_copy_is_whole_and_can_be_opened(db: Database, tmp_path: Path) -> None:
    add(db, "一")
    copy = DataFolder(tmp_path / "copy")
    copy.create()
    db.backup(copy.database)
    add(db, "after the copy")
    with Database.open(copy) as other:
        assert [entry.who for entry in audit.recent(other)] == ["一"]
    assert stat.S_IMODE(copy.database.stat().st_mode) == 0o600
    assert AUDIT.count(db) == 2


@pytest.mark.slow
def test_copies_made_while_others_write_are_whole(db: Database, tmp_path: Path) -> None:
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            with db.write() as tx:
                audit.append(tx, who="a", action="x")
                audit.append(tx, who="b", action="x")

    with ThreadPoolExecutor(1) as pool:
        writer = pool.submit(write)
        copies = [DataFolder(tmp_path / f"copy {number}") for number in range(3)]
        for copy in copies:
            copy.create()
            db.backup(copy.database)
        stop.set()
        writer.result()
    for copy in copies:
        with Database.open(copy) as other:
            assert AUDIT.count(other) % 2 == 0
            assert audit.verify(other)


def test_a_copy_never_replaces_a_file(db: Database, tmp_path: Path) -> None:
    target = tmp_path / "copy.duckdb"
    target.write_text("mine", encoding="utf-8")
    with pytest.raises(FileExistsError):
        db.backup(target)
    assert target.read_text("utf-8") == "mine"


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM sniff_csv('/etc/passwd')",
        "SELECT * FROM glob('/etc/*')",
        "COPY (SELECT 1) TO '/tmp/aimass-should-not-exist.csv'",
        "ATTACH '/tmp/aimass-should-not-exist.duckdb' AS x",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "SET memory_limit = '100GB'",
        "SELECT * FROM somewhere",
    ],
)
def test_sql_reaches_nothing_outside_the_folder(db: Database, sql: str) -> None:
    somewhere = [1]  # DuckDB would read a variable of the caller as a table if it were let
    with pytest.raises(duckdb.Error):
        db.read(sql)
    assert somewhere == [1]
    assert not Path("/tmp/aimass-should-not-exist.csv").exists()
    assert not Path("/tmp/aimass-should-not-exist.duckdb").exists()
    assert db.broken is None


def test_nothing_in_the_product_opens_the_database_file_by_its_path(repository: Path) -> None:
    """Opening and closing it would silently drop DuckDB's lock (RELIABILITY fact 2)."""
    openers = {"open", "read_bytes", "read_text", "write_bytes", "write_text"}
    found = []
    for package in ("app", "store"):
        for file in (repository / package).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                if (
                    isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Attribute)
                    and node.func.attr in openers
                ):
                    found += [file.name for part in ast.walk(node) if getattr(part, "attr", "") == "database"]
    assert found == []


def test_times_are_utc_whatever_the_zone_of_the_machine(folder: DataFolder, repository: Path) -> None:
    with Database.open(folder) as db:
        add(db)
        written = audit.recent(db)[0].at
    script = (
        "import sys; from pathlib import Path; from store.database import Database; from store import audit;"
        "from store.folder import DataFolder;"
        "print(audit.recent(Database.open(DataFolder(Path(sys.argv[1]))))[0].at.isoformat())"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(folder.root)],
        cwd=repository,
        env=os.environ | {"TZ": "Asia/Shanghai"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == written.isoformat()
    assert abs((now() - written).total_seconds()) < 3_600
