"""A reader sees the old file or the new one, whatever ends the writer."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.files import publish_folder, read_json, sweep_temporary, temporary_beside, write_bytes, write_json

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


class Interrupted(Exception):
    """Stands for whatever may end a writer half-way."""


@given(value=JSON)
def test_json_comes_back_as_it_went(tmp_path_factory: pytest.TempPathFactory, value: object) -> None:
    path = tmp_path_factory.mktemp("json") / "value.json"
    write_json(path, value)
    assert read_json(path) == value


def test_json_is_written_for_people_too(tmp_path: Path) -> None:
    write_json(tmp_path / "v.json", {"städte": ["无锡"]})
    assert "无锡" in (tmp_path / "v.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {1, 2}])
def test_what_json_cannot_hold_is_refused_and_the_old_file_stays(tmp_path: Path, value: object) -> None:
    path = tmp_path / "v.json"
    write_json(path, {"kept": True})
    with pytest.raises((ValueError, TypeError)):
        write_json(path, {"bad": value})
    assert read_json(path) == {"kept": True}
    assert [p.name for p in tmp_path.iterdir()] == ["v.json"]


def test_bytes_replace_the_old_file_and_leave_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "m.onnx"
    write_bytes(path, b"old")
    write_bytes(path, b"new")
    assert path.read_bytes() == b"new"
    assert [p.name for p in tmp_path.iterdir()] == ["m.onnx"]


def test_a_folder_appears_whole(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "run"

    def fill(folder: Path) -> None:
        assert not target.exists()
        (folder / "inner").mkdir()
        (folder / "inner" / "a.txt").write_text("a")

    publish_folder(target, fill)
    assert (target / "inner" / "a.txt").read_text() == "a"
    assert [p.name for p in target.parent.iterdir()] == ["run"]


def test_a_fill_that_raises_leaves_the_old_folder_whole(tmp_path: Path) -> None:
    target = tmp_path / "run"
    publish_folder(target, lambda folder: _write(folder, "old"))

    def fill(folder: Path) -> None:
        _write(folder, "new")
        raise Interrupted

    with pytest.raises(Interrupted):
        publish_folder(target, fill)
    assert _read(target) == {"a.txt": "old", "b.txt": "old"}
    assert [p.name for p in tmp_path.iterdir()] == ["run"]


def test_a_new_folder_replaces_all_of_the_old_one(tmp_path: Path) -> None:
    target = tmp_path / "run"
    publish_folder(target, lambda folder: _write(folder, "old"))
    publish_folder(target, lambda folder: (folder / "only.txt").write_text("new"))
    assert _read(target) == {"only.txt": "new"}


@pytest.mark.parametrize("writer", ["publish_folder(target, fill)", "write_bytes(target, b'new')"])
def test_a_kill_while_writing_leaves_the_old_one_whole(tmp_path: Path, writer: str) -> None:
    """SIGKILL gives no chance to tidy up: what it leaves is what the next start finds and sweeps."""
    folder = tmp_path / "run"
    publish_folder(folder, lambda inside: _write(inside, "old"))
    (tmp_path / "file").write_text("old")
    target = folder if writer.startswith("publish") else tmp_path / "file"
    program = f"""
import os, signal
from pathlib import Path
from engine.files import publish_folder, write_bytes

def die():
    os.kill(os.getpid(), signal.SIGKILL)

def fill(inside):
    (inside / "a.txt").write_text("new")
    die()

target = Path({str(target)!r})
os.fsync = lambda descriptor: die()  # the kill comes after the bytes were written, before the rename
{writer}
"""
    result = subprocess.run([sys.executable, "-c", program], cwd=Path(__file__).parents[2], check=False)
    assert result.returncode == -signal.SIGKILL
    assert _read(folder) == {"a.txt": "old", "b.txt": "old"}
    assert (tmp_path / "file").read_text() == "old"

    sweep_temporary(tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file", "run"]


def test_sweeping_spares_everything_else(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "file").write_text("kept")
    temporary_beside(tmp_path / "kept" / "half").mkdir()
    (temporary_beside(tmp_path / "half")).write_text("half")
    sweep_temporary(tmp_path)
    assert [p.name for p in tmp_path.rglob("*")] == ["kept", "file"]


def test_temporary_names_never_meet_and_fit_the_file_system(tmp_path: Path) -> None:
    target = tmp_path / ("long" * 60)
    names = {temporary_beside(target).name for _ in range(100)}
    assert len(names) == 100
    assert all(len(os.fsencode(name)) <= 255 for name in names)


def _write(folder: Path, text: str) -> None:
    for name in ("a.txt", "b.txt"):
        (folder / name).write_text(text)


def _read(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in sorted(folder.iterdir())}
