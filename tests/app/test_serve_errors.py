from __future__ import annotations

from pathlib import Path

import pytest

from app import serve_errors
from app.serve_errors import NoRights, WrongGround, folder_taken, refuse_bad_ground
from store.folder import DataFolder, FolderOwned, Owner


def test_the_owner_of_a_taken_folder_is_named() -> None:
    owner = Owner(pid=17, started_at="2026-11-23T10:00:00+00:00", host="box", boot_id="b")
    error = folder_taken(FolderOwned(Path("/data"), owner))
    assert error.exit_code == 73
    assert "process 17 on box" in error.message
    assert "another process" in folder_taken(FolderOwned(Path("/data"), None)).message


def test_a_network_file_system_is_refused_unless_it_is_forced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serve_errors, "network_file_system", lambda path: "nfs4")
    with pytest.raises(WrongGround, match="nfs4"):
        refuse_bad_ground(DataFolder(tmp_path), allow_network=False)
    refuse_bad_ground(DataFolder(tmp_path), allow_network=True)


def test_files_of_others_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve_errors, "foreign_files", lambda folder: (tmp_path / "aimass.duckdb",))
    with pytest.raises(NoRights, match=r"aimass\.duckdb") as refused:
        refuse_bad_ground(DataFolder(tmp_path), allow_network=False)
    assert refused.value.exit_code == 77


def test_a_folder_of_ours_passes_and_a_new_one_too(tmp_path: Path) -> None:
    refuse_bad_ground(DataFolder(tmp_path), allow_network=True)
    refuse_bad_ground(DataFolder(tmp_path / "new"), allow_network=True)
    assert not (tmp_path / "new").exists()
