"""One owner per data folder, whatever dies; names never climb out of it; its files are its owner's alone."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from store.folder import (
    DataFolder,
    FolderClaim,
    FolderOwned,
    boot_id,
    file_system,
    foreign_files,
    is_claimed,
    network_file_system,
    read_owner,
)
from store.identifiers import new_id

CLAIM_AND_WAIT = """
import subprocess, sys, time
from pathlib import Path
from store.folder import DataFolder, FolderClaim
claim = FolderClaim(DataFolder(Path(sys.argv[1])))
child = subprocess.Popen(["sleep", "60"])
print(child.pid, flush=True)
time.sleep(60)
"""
MOUNTS = """\
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
40 22 0:40 / /srv/team\\040share rw - nfs4 server:/share rw
41 22 0:41 / /srv/local rw - cifs //server/x rw
42 22 8:2 / /srv/local rw - xfs /dev/sdb1 rw
"""


def test_it_is_made_for_its_owner_alone(folder: DataFolder) -> None:
    folder.root.mkdir(mode=0o755)
    folder.create()
    for place in (folder.root, *folder.rooms):
        assert stat.S_IMODE(place.stat().st_mode) == 0o700, place


def test_the_second_is_told_who_has_it(folder: DataFolder) -> None:
    with FolderClaim(folder) as claim:
        assert is_claimed(folder)
        with pytest.raises(FolderOwned) as refusal:
            FolderClaim(folder)
        assert refusal.value.owner == claim.owner
        assert claim.owner.pid == os.getpid()
        assert claim.owner.boot_id == boot_id()
    assert not is_claimed(folder)
    FolderClaim(folder).release()


def test_the_owner_survives_a_look_at_the_lock_file(folder: DataFolder) -> None:
    """A POSIX lock would be gone after this; a flock stays."""
    with FolderClaim(folder):
        folder.lock.read_text("utf-8")
        with pytest.raises(FolderOwned):
            FolderClaim(folder)


def test_a_killed_owner_leaves_it_free_although_its_child_lives(folder: DataFolder, repository: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", CLAIM_AND_WAIT, str(folder.root)],
        cwd=repository,
        stdout=subprocess.PIPE,
        text=True,
    ) as owner:
        assert owner.stdout is not None
        child = int(owner.stdout.readline())
        with pytest.raises(FolderOwned) as refusal:
            FolderClaim(folder)
        assert refusal.value.owner is not None
        assert refusal.value.owner.pid == owner.pid
        owner.kill()
        owner.wait()
        os.kill(child, 0)
        with FolderClaim(folder) as claim:
            assert claim.owner.pid == os.getpid()
        os.kill(child, signal.SIGKILL)


def test_an_unreadable_owner_is_nobody(folder: DataFolder) -> None:
    folder.create()
    assert read_owner(folder) is None
    assert not is_claimed(folder)
    folder.lock.write_text(json.dumps({"pid": 1}), encoding="utf-8")
    assert read_owner(folder) is None


@pytest.mark.parametrize("text", ["..", "../x", "/etc", "", "a\0b", "x" * 300])
def test_what_is_no_identifier_is_no_place(folder: DataFolder, text: str) -> None:
    for place in (folder.dataset, folder.run, folder.job, folder.upload):
        with pytest.raises(ValueError, match="identifier"):
            place(text)
    with pytest.raises(ValueError, match="identifier"):
        folder.model_version(text, 1)


def test_every_place_is_below_the_root(folder: DataFolder) -> None:
    name = new_id()
    places = [folder.dataset(name), folder.run(name), folder.job(name), folder.upload(name)]
    places += [folder.model_version(name, 3), folder.database, folder.commits, folder.lock]
    assert all(place.is_relative_to(folder.root) for place in places)
    assert len(set(places)) == len(places)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", None),
        ("/home/ada/data", None),
        ("/srv/team share", "nfs4"),
        ("/srv/team share/box/data", "nfs4"),
        ("/srv/local/data", None),  # a later mount hides the earlier
    ],
)
def test_network_file_systems_are_seen(path: str, kind: str | None) -> None:
    assert network_file_system(Path(path), MOUNTS) == kind


def test_the_machine_is_read_when_nothing_is_given(tmp_path: Path) -> None:
    assert file_system(tmp_path) is not None
    assert file_system(tmp_path, "nonsense") is None


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_files_of_somebody_else_are_listed(folder: DataFolder) -> None:
    folder.create()
    assert foreign_files(folder) == ()
    (folder.runs / "x").write_text("", encoding="utf-8")
    (folder.runs / "x").chmod(0)
    assert foreign_files(folder) == (folder.runs / "x",)
