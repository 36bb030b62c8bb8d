"""A file or folder is known again by its bytes, not by its time."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

import pytest

from engine.providers.fingerprint import CHUNK_BYTES, fingerprint, has_changed


def test_the_digest_is_of_all_bytes(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    content = os.urandom(CHUNK_BYTES + 17)
    path.write_bytes(content)
    known = fingerprint(path)
    assert (known.name, known.bytes) == ("a.bin", len(content))
    assert known.sha256 == hashlib.sha256(content).hexdigest()


def test_a_touched_file_is_the_same_and_an_edited_one_is_not(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a,b\n1,2\n")
    known = fingerprint(path)
    os.utime(path, ns=(1, 1))
    assert not has_changed(path, known)
    path.write_text("a,b\n1,3\n")
    assert has_changed(path, known)
    path.write_text("a,b\n1,2\n3,4\n")
    assert has_changed(path, known)


def test_a_folder_is_known_by_names_and_bytes(tmp_path: Path) -> None:
    folder = tmp_path / "set"
    for name in ("cat/1.png", "cat/2.png", "dog/3.png"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(name.encode())
    for path in (*folder.rglob("*"), folder):
        os.utime(path, ns=(5, 5))
    known = fingerprint(folder)
    assert (known.name, known.bytes, known.mtime_ns) == ("set", 27, 5) and len(known.sha256) == 64
    (tmp_path / "elsewhere").mkdir()
    again = (tmp_path / "elsewhere" / "set").absolute()
    shutil.copytree(folder, again)
    assert fingerprint(again).sha256 == known.sha256 and not has_changed(again, known)


CHANGES = {
    "another byte": lambda folder: (folder / "cat" / "1.png").write_bytes(b"cat/1.pnG"),
    "one more": lambda folder: (folder / "cat" / "4.png").write_bytes(b""),
    "one less": lambda folder: (folder / "cat" / "2.png").unlink(),
    "another class": lambda folder: (folder / "cat" / "2.png").rename(folder / "dog" / "2.png"),
    "another name": lambda folder: (folder / "cat" / "2.png").rename(folder / "cat" / "5.png"),
    "a class renamed": lambda folder: (folder / "cat").rename(folder / "cow"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_any_change_in_a_folder_is_seen(tmp_path: Path, change: str) -> None:
    folder = tmp_path / "set"
    for name in ("cat/1.png", "cat/2.png", "dog/3.png"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(name.encode())
    for path in (*folder.rglob("*"), folder):
        os.utime(path, ns=(5, 5))
    known = fingerprint(folder)
    assert not has_changed(folder, known)
    CHANGES[change](folder)
    assert has_changed(folder, known)
