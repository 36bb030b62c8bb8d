"""Why a folder cannot be opened is a sentence with a remedy, and the exit code says that trying again will not help."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from app.opening import UnusableData, open_database
from engine.errors import WorkFailed
from store.folder import DataFolder
from store.migrate import newest_format

ON_A_FULL_DISK = """
import resource, sys
from pathlib import Path
from app.opening import open_database
from engine.errors import NoSpace
from store.folder import DataFolder
resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, resource.RLIM_INFINITY))
try:
    open_database(DataFolder(Path(sys.argv[1])))
except NoSpace as error:
    print(error.remedy)
"""


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    return DataFolder(tmp_path / "data")


def test_newer_data_names_both_formats(folder: DataFolder) -> None:
    with open_database(folder) as db, db.write() as tx:
        tx.execute("UPDATE meta SET format = 12")
    with pytest.raises(UnusableData, match=f"data format 12, this build knows {newest_format()}") as refusal:
        open_database(folder)
    assert refusal.value.exit_code == 78


def test_a_damaged_database_names_the_way_out(folder: DataFolder) -> None:
    open_database(folder).close()
    folder.database.write_bytes(b"nothing")
    with pytest.raises(UnusableData, match="damaged and was not touched") as refusal:
        open_database(folder)
    assert refusal.value.exit_code == 78
    assert "aimass restore" in refusal.value.remedy
    assert folder.database.read_bytes() == b"nothing"


def test_no_room_is_said_so_and_the_next_try_begins_again(folder: DataFolder, repository: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", ON_A_FULL_DISK, str(folder.root)],
        cwd=repository,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "Make room" in done.stdout
    open_database(folder).close()


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(WorkFailed, match="cannot be opened"):
        open_database(DataFolder(tmp_path / "file" / "data"))
