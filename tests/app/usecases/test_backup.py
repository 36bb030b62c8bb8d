"""A backup holds everything worth keeping, is whole or not there, and opens no door when it is put back."""

from __future__ import annotations

import json
import os
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app.opening import open_database
from app.usecases import accounts
from app.usecases.accounts import CONSOLE, Person
from app.usecases.backup import MANIFEST, make_backup, restore
from app.usecases.refusals import Forbidden
from app.wiring import Appliance
from engine.errors import BadCommand
from store import audit, datasets, models, users
from store.datasets import Dataset
from store.folder import DataFolder, FolderClaim, FolderOwned
from store.identifiers import new_id
from store.models import Model, ModelVersion
from store.table import now
from tests.app.usecases.doorstep import ada, clock, door, let_in

__all__ = ["ada", "clock", "door"]

pytestmark = pytest.mark.slow


def fill(box: Appliance) -> tuple[str, str]:
    """Add a dataset whose file a run shares, and a model; return the ids of dataset and model."""
    dataset, model, run = new_id(), new_id(), new_id()
    with box.db.write() as tx:
        datasets.add(
            tx,
            Dataset(
                id=dataset, name="d", state="ready", source_name="无 'a'.csv", bytes=6, created_by="u", created_at=now()
            ),
        )  # fmt: skip
        models.add_model(
            tx, Model(id=model, name="m", title="M", description="", created_by="u", created_at=now())
        )
        models.add_version(
            tx,
            ModelVersion(
                model_id=model, run_id=run, task="t", target="t", metric="x", score=None, baseline=None,
                rows=1, bytes=3, sha256="", created_by="u", created_at=now(),
            ),
        )  # fmt: skip
    source = box.folder.dataset(dataset) / "source" / "无 'a'.csv"
    source.parent.mkdir(parents=True)
    source.write_bytes(b"a,b\n1,2")
    shared = box.folder.run(run) / "source.csv"
    shared.parent.mkdir()
    os.link(source, shared)
    version = box.folder.model_version(model, 1)
    version.mkdir(parents=True)
    (version / "model.onnx").write_bytes(b"\x00\x01\x02")
    (box.folder.services / "keys.json").write_text("s3cr3t", encoding="utf-8")
    (box.folder.jobs / ".tmp-half").write_text("half", encoding="utf-8")
    (box.folder.jobs / run / "tmp" / "deep").mkdir(parents=True)
    (box.folder.jobs / run / "tmp" / "deep" / "half").write_text("half", encoding="utf-8")
    (box.folder.jobs / run / "log.txt").write_text("done", encoding="utf-8")
    (box.folder.cache / "x").write_text("cache", encoding="utf-8")
    (box.folder.runs / "link").symlink_to("/etc/passwd")
    return dataset, model


def content(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_what_was_kept_comes_back(door: Appliance, ada: Person, tmp_path: Path) -> None:
    fill(door)
    made = make_backup(door, ada, tmp_path / "copies" / "monday")
    assert made.missing == ()
    assert made.files == 5
    back = DataFolder(tmp_path / "back")
    assert restore(tmp_path / "copies" / "monday", back) == made
    expected = {
        name: body
        for name, body in content(door.folder.root).items()
        if name.split("/")[0] in {"datasets", "models"} or name.endswith("source.csv")
    }
    assert len(expected) == 3
    restored = content(back.root)
    assert {name: restored[name] for name in expected} == expected
    assert not any(
        "s3cr3t" in str(body) or "half" in name or "link" in name for name, body in restored.items()
    )
    with open_database(back) as db:
        assert [dataset.name for dataset in datasets.list(db)] == ["d"]
        assert audit.verify(db)


def test_all_of_it_reaches_the_disk_before_it_has_its_name(
    door: Appliance, ada: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(door)
    flushed: set[int] = set()
    flush = os.fsync

    def note(descriptor: int) -> None:
        flush(descriptor)
        flushed.add(os.fstat(descriptor).st_ino)

    monkeypatch.setattr(os, "fsync", note)
    made, again = tmp_path / "made", tmp_path / "again"
    make_backup(door, ada, made)
    assert [path for path in (made, *made.rglob("*")) if path.stat().st_ino not in flushed] == []
    flushed.clear()
    restore(made, DataFolder(again))
    assert [path for path in (again / "runs").rglob("*") if path.stat().st_ino not in flushed] == []


def test_files_that_are_one_stay_one(door: Appliance, ada: Person, tmp_path: Path) -> None:
    fill(door)
    make_backup(door, ada, tmp_path / "copy")
    restore(tmp_path / "copy", DataFolder(tmp_path / "back"))
    for root in (tmp_path / "copy", tmp_path / "back"):
        (source,) = root.glob("datasets/*/source/*")
        (shared,) = root.glob("runs/*/source.csv")
        assert source.stat().st_ino == shared.stat().st_ino


def test_it_is_its_owners_alone(door: Appliance, ada: Person, tmp_path: Path) -> None:
    fill(door)
    make_backup(door, ada, tmp_path / "copy")
    for path in [tmp_path / "copy", *(tmp_path / "copy").rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_a_restored_box_lets_nobody_in_by_what_was_open(door: Appliance, ada: Person, tmp_path: Path) -> None:
    """SECURITY H08; and the setup page stays shut (A05)."""
    let_in(door)
    accounts.create_api_key(door, ada, name="k", scope="api")
    accounts.create_password_link(door, ada, "ada")
    make_backup(door, ada, tmp_path / "copy")
    restore(tmp_path / "copy", DataFolder(tmp_path / "back"))
    with open_database(DataFolder(tmp_path / "back")) as db:
        assert users.sessions(db, ada.id) == ()
        assert users.keys(db) == ()
        assert db.read("SELECT count(*) AS n FROM links") == [{"n": 0}]
        assert users.has_admin(db)
        assert audit.recent(db)[0].action == "restore"


def test_a_backup_made_while_others_write_is_whole(door: Appliance, ada: Person, tmp_path: Path) -> None:
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            with door.db.write() as tx:
                audit.append(tx, who="a", action="x")

    with ThreadPoolExecutor(1) as pool:
        writer = pool.submit(write)
        make_backup(door, ada, tmp_path / "copy")
        stop.set()
        writer.result()
    restore(tmp_path / "copy", DataFolder(tmp_path / "back"))
    with open_database(DataFolder(tmp_path / "back")) as db:
        assert audit.verify(db)


def test_what_is_missing_is_named(door: Appliance, ada: Person, tmp_path: Path) -> None:
    dataset, _ = fill(door)
    (source,) = door.folder.dataset(dataset).rglob("*.csv")
    source.unlink()
    source.parent.rmdir()
    door.folder.dataset(dataset).rmdir()
    assert make_backup(door, ada, tmp_path / "copy").missing == ("dataset d",)


def test_a_backup_replaces_nothing_and_needs_an_administrator(
    door: Appliance, ada: Person, tmp_path: Path
) -> None:
    taken = tmp_path / "taken"
    taken.mkdir()
    for target in (taken, door.folder.root / "inside", Path("/proc/nowhere/copy")):
        with pytest.raises(BadCommand):
            make_backup(door, CONSOLE, target)
    with pytest.raises(Forbidden):
        make_backup(door, Person(id="b", name="bob", display="Bob", role="member"), tmp_path / "copy")
    assert not (tmp_path / "copy").exists()
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".tmp-")] == []


def test_a_changed_backup_is_refused_and_leaves_nothing(door: Appliance, ada: Person, tmp_path: Path) -> None:
    fill(door)
    make_backup(door, ada, tmp_path / "copy")
    (model,) = (tmp_path / "copy").rglob("model.onnx")
    model.write_bytes(b"\x00\x01\x03")
    back = DataFolder(tmp_path / "back")
    with pytest.raises(BadCommand, match="not what was written"):
        restore(tmp_path / "copy", back)
    assert not back.database.exists()
    assert not back.models.exists()
    model.write_bytes(b"\x00\x01\x02")
    assert restore(tmp_path / "copy", back).files == 5


@pytest.mark.parametrize(
    "manifest",
    [
        "{",
        "[]",
        '{"format": 2, "files": {}}',
        '{"format": 1, "files": {"absent": "00"}}',
        '{"format": 1, "files": {"../outside": "00"}}',
        '{"format": 1, "files": {"/etc/passwd": "00"}}',
        '{"format": 1, "files": null}',
    ],
)
def test_what_is_no_backup_is_refused(tmp_path: Path, manifest: str) -> None:
    (tmp_path / "outside").write_text("x", encoding="utf-8")
    source = tmp_path / "source"
    with pytest.raises(BadCommand, match="not a whole backup"):
        restore(source, DataFolder(tmp_path / "back"))
    source.mkdir()
    (source / MANIFEST).write_text(manifest, encoding="utf-8")
    with pytest.raises(BadCommand, match="not a whole backup"):
        restore(source, DataFolder(tmp_path / "back"))
    assert not (tmp_path / "back").exists()


def test_a_folder_in_use_is_left_alone(door: Appliance, ada: Person, tmp_path: Path) -> None:
    make_backup(door, ada, tmp_path / "copy")
    before = content(door.folder.root)
    with pytest.raises(BadCommand, match="in use already"):
        restore(tmp_path / "copy", door.folder)
    assert content(door.folder.root) == before
    empty = DataFolder(tmp_path / "empty")
    with FolderClaim(empty), pytest.raises(FolderOwned):
        restore(tmp_path / "copy", empty)
    assert json.loads((tmp_path / "copy" / MANIFEST).read_text("utf-8"))["files"]
