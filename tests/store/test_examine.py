"""A database that lost something is never opened for work, and never touched."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from store import audit
from store.audit import AUDIT
from store.database import Database, DatabaseDamaged, NewerData
from store.examine import examine, log_of
from store.folder import DataFolder
from store.migrate import newest_format

pytestmark = pytest.mark.slow

COMMITS = 40
WRITE_AND_DIE = """
import os, sys
from pathlib import Path
from store import audit
from store.database import Database
from store.folder import DataFolder
db = Database.open(DataFolder(Path(sys.argv[1])))
for number in range(int(sys.argv[2])):
    with db.write() as tx:
        audit.append(tx, who=str(number), action="x")
os.kill(os.getpid(), 9)
"""


def killed(root: Path, commits: int, repository: Path) -> DataFolder:
    """A folder whose owner was killed after so many confirmed transactions."""
    subprocess.run(
        [sys.executable, "-c", WRITE_AND_DIE, str(root), str(commits)], cwd=repository, check=False
    )
    return DataFolder(root)


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> DataFolder:
    return killed(tmp_path_factory.mktemp("killed") / "data", COMMITS, pytestconfig.rootpath)


@pytest.fixture
def copy(original: DataFolder, tmp_path: Path) -> DataFolder:
    return DataFolder(Path(shutil.copytree(original.root, tmp_path / "copy")))


def content(folder: DataFolder) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.root.iterdir() if path.is_file()}


def test_a_killed_owners_database_is_whole(copy: DataFolder) -> None:
    assert log_of(copy).exists()
    assert examine(copy) == newest_format()
    with Database.open(copy) as db:
        assert AUDIT.count(db) == COMMITS


def _cut_log(folder: DataFolder) -> None:
    log = log_of(folder)
    log.write_bytes(log.read_bytes()[: log.stat().st_size // 2])


@pytest.mark.parametrize(
    "harm",
    [
        lambda folder: log_of(folder).unlink(),
        lambda folder: log_of(folder).write_bytes(b""),
        lambda folder: log_of(folder).write_bytes(random.Random(1).randbytes(5_000)),
        _cut_log,
        lambda folder: folder.database.unlink(),
        lambda folder: folder.database.write_bytes(b""),
        lambda folder: folder.database.write_bytes(b"not a database" * 1_000),
    ],
    ids=[
        "log missing",
        "log empty",
        "log garbage",
        "log cut",
        "no database",
        "empty database",
        "garbage database",
    ],
)
def test_harm_is_seen_and_nothing_is_touched(copy: DataFolder, harm: Callable[[DataFolder], object]) -> None:
    harm(copy)
    before = content(copy)
    with pytest.raises(DatabaseDamaged):
        Database.open(copy)
    assert content(copy) == before


def test_the_log_of_another_database_is_refused(copy: DataFolder, tmp_path: Path, repository: Path) -> None:
    other = killed(tmp_path / "other", COMMITS + 10, repository)
    shutil.copy(log_of(other), log_of(copy))
    with pytest.raises(DatabaseDamaged):
        Database.open(copy)


def test_another_box_database_is_refused(copy: DataFolder, tmp_path: Path, repository: Path) -> None:
    other = killed(tmp_path / "other", COMMITS + 10, repository)
    shutil.copy(other.database, copy.database)
    shutil.copy(log_of(other), log_of(copy))
    with pytest.raises(DatabaseDamaged, match="not of the same box"):
        Database.open(copy)


def test_an_older_copy_put_back_by_hand_is_refused(folder: DataFolder, tmp_path: Path) -> None:
    with Database.open(folder) as db, db.write() as tx:
        audit.append(tx, who="a", action="x")
    shutil.copy(folder.database, tmp_path / "old")
    with Database.open(folder) as db, db.write() as tx:
        audit.append(tx, who="a", action="x")
    shutil.copy(tmp_path / "old", folder.database)
    with pytest.raises(DatabaseDamaged, match="1 of 2 confirmed changes are missing"):
        Database.open(folder)
    # A person who means it takes the counter away.
    folder.commits.unlink()
    with Database.open(folder) as db:
        assert AUDIT.count(db) == 1


def test_every_flipped_bit_of_the_log_is_seen(copy: DataFolder) -> None:
    """DuckDB alone opens one in ten with rows missing (RELIABILITY fact 5)."""
    whole, chance = log_of(copy).read_bytes(), random.Random(3)
    for _ in range(40):
        place = chance.randrange(len(whole) * 8)
        harmed = bytearray(whole)
        harmed[place // 8] ^= 1 << place % 8
        log_of(copy).write_bytes(harmed)
        with pytest.raises(DatabaseDamaged):
            examine(copy)


def test_a_database_cut_in_half_is_seen(copy: DataFolder) -> None:
    """A count of its rows would be right (RELIABILITY fact 6)."""
    with Database.open(copy):
        pass
    whole = copy.database.read_bytes()
    copy.database.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DatabaseDamaged):
        examine(copy)


def test_newer_data_is_refused_and_not_touched(folder: DataFolder) -> None:
    with Database.open(folder) as db, db.write() as tx:
        tx.execute("UPDATE meta SET format = ?", (newest_format() + 1,))
    before = content(folder)
    with pytest.raises(
        NewerData, match=f"data format {newest_format() + 1}, this build knows {newest_format()}"
    ):
        Database.open(folder)
    assert content(folder) == before
