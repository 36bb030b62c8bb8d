"""A run's folder is made of links, read once per change, and empty until a step has written."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from app.usecases.run_files import RunFiles, link_or_copy, make_run_folder
from engine.files import write_json
from engine.providers.fingerprint import fingerprint, has_changed
from engine.specs.codec import to_json
from engine.specs.run import RunSpec
from engine.specs.training import TaskSpec
from store.runs import RunFolder, read_spec

SPEC = RunSpec(data="source/a b.csv", target="y")


@pytest.fixture
def files(tmp_path: Path) -> RunFiles:
    dataset = tmp_path / "dataset"
    dataset.mkdir()
    for name in ("data.parquet", "schema.json", ".lock"):
        (dataset / name).write_text(name)
    (dataset / ".tmp-half").mkdir()
    source = tmp_path / "a b.csv"
    source.write_text("x,y\n1,2\n")
    make_run_folder(tmp_path / "run", SPEC, source=source, dataset=dataset)
    return RunFiles(tmp_path / "run")


def test_the_folder_holds_what_the_run_needs_and_nothing_else(files: RunFiles, tmp_path: Path) -> None:
    names = {str(path.relative_to(files.folder)) for path in files.folder.rglob("*") if path.is_file()}
    assert names == {"run.json", "source/a b.csv", "dataset/data.parquet", "dataset/schema.json"}
    assert (files.folder / "source" / "a b.csv").samefile(tmp_path / "a b.csv")
    assert files.spec == SPEC
    with RunFolder(files.folder, read_spec(files.folder)):
        pass


def test_a_link_and_a_copy_are_the_file_that_was_read(tmp_path: Path) -> None:
    source = tmp_path / "a.csv"
    source.write_text("x\n1\n")
    os.utime(source, ns=(1, 1_000_000_007))
    known = fingerprint(source)
    link_or_copy(source, tmp_path / "linked.csv")
    assert not has_changed(tmp_path / "linked.csv", known)
    shm = Path("/dev/shm")
    if shm.is_dir() and shm.stat().st_dev != tmp_path.stat().st_dev:
        copied = shm / f"aimass-test-{os.getpid()}.csv"
        try:
            link_or_copy(source, copied)
            assert copied.stat().st_mtime_ns == known.mtime_ns and not has_changed(copied, known)
        finally:
            copied.unlink(missing_ok=True)


def test_a_link_to_elsewhere_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s")
    (tmp_path / "source").symlink_to(tmp_path / "secret")
    link_or_copy(tmp_path / "source", tmp_path / "target")
    assert (tmp_path / "target").is_symlink()


def test_a_full_disk_leaves_no_folder(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        make_run_folder(tmp_path / "run", SPEC, source=tmp_path / "gone", dataset=tmp_path)
    assert not list(tmp_path.iterdir())


def test_what_is_not_there_yet_is_none(files: RunFiles) -> None:
    assert files.task is files.plan is files.profile is files.split is files.selection is None
    assert files.leaks == () and files.candidates is None


def test_a_rewritten_file_is_read_again(files: RunFiles) -> None:
    for metric in ("roc_auc", "log_loss"):
        task = TaskSpec(target="y", task="binary", metric=metric, classes=("a", "b"))
        write_json(files.paths.task, to_json(task))
        assert files.task == task and files.task is files.task
    write_json(
        files.folder / "run.json", to_json(RunSpec(data="source/a b.csv", target="y", metric="accuracy"))
    )
    assert files.task is not None and files.task.metric == "accuracy"
