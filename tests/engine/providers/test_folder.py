"""A folder of this machine is looked at and taken from, and never left."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from engine.errors import BadCommand
from engine.providers.folder import file_in, folder_in, list_folder, walk_folder


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "root"
    (root / "sub" / "deep").mkdir(parents=True)
    (root / "data.csv").write_text("a\n1\n")
    (root / "sub" / "客户.csv").write_text("a\n")
    (root / ".secret").write_text("s")
    (tmp_path / "outside.csv").write_text("o")
    (root / "link.csv").symlink_to(tmp_path / "outside.csv")
    (root / "way-out").symlink_to(tmp_path)
    os.mkfifo(root / "pipe")
    return root


def test_folders_come_first_and_links_never(root: Path) -> None:
    assert [(e.name, e.is_folder, e.bytes) for e in list_folder(root, "")] == [
        ("sub", True, 0),
        ("data.csv", False, 4),
    ]
    assert [e.name for e in list_folder(root, "sub")] == ["deep", "客户.csv"]


def test_a_file_is_found(root: Path) -> None:
    assert file_in(root, "sub/客户.csv") == root.resolve() / "sub" / "客户.csv"


OUTSIDE = ("..", "../outside.csv", "sub/../../outside.csv", "/etc/passwd", "link.csv", "way-out/outside.csv")
NOWHERE = (".secret", "sub\\..\\x", "no.csv", "a\0b", "data.csv/x", "x" * 5000, "way-out/root/data.csv")


@pytest.mark.parametrize("path", [*OUTSIDE, *NOWHERE])
def test_nothing_else_is(root: Path, path: str) -> None:
    with pytest.raises(BadCommand) as refused:
        file_in(root, path)
    assert refused.value.remedy
    with pytest.raises(BadCommand):
        list_folder(root, path)


def test_a_folder_is_found_and_nothing_else_is_one(root: Path) -> None:
    assert folder_in(root, "sub/deep") == root.resolve() / "sub" / "deep"
    assert [folder_in(root, path) for path in ("data.csv", "missing", "pipe")] == [None, None, None]
    for path in ("..", "way-out", "sub/../..", ".secret"):
        with pytest.raises(BadCommand):
            folder_in(root, path)


@pytest.mark.parametrize("path", ["", "sub", "pipe"])
def test_a_folder_or_a_pipe_is_no_file(root: Path, path: str) -> None:
    with pytest.raises(BadCommand, match="not a file"):
        file_in(root, path)


def test_a_walk_finds_every_plain_file_below_and_no_other(root: Path) -> None:
    (root / "sub" / "deep" / "x.png").write_bytes(b"123")
    (root / "sub" / ".hidden").mkdir()
    (root / "sub" / ".hidden" / "y.png").write_bytes(b"1")
    (root / "sub" / "again").symlink_to(root)
    found = {file.name: file.bytes for file in walk_folder(root)}
    assert found == {"data.csv": 4, "sub/客户.csv": 2, "sub/deep/x.png": 3}
    assert list(walk_folder(root / "missing")) == []


def test_a_walk_tells_when_the_folders_on_the_way_were_changed(root: Path) -> None:
    (root / "sub" / "deep" / "x.png").write_bytes(b"123")
    for path, time in (
        (root / "sub" / "deep" / "x.png", 7),
        (root / "sub" / "deep", 3),
        (root / "sub", 9),
        (root, 1),
    ):
        os.utime(path, ns=(time, time))
    assert {file.name: file.changed_ns for file in walk_folder(root)}["sub/deep/x.png"] == 9
