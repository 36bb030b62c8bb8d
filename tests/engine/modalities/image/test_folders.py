"""Files become entries with their class; what is no picture is told from its first bytes."""

from __future__ import annotations

from pathlib import Path

from engine.modalities.image.folders import PictureFolders, read_entry
from engine.providers.files import open_files
from tests.engine.modalities.image.samples import encoded, noise, packed, spread

PICTURE = encoded(noise(8, 8))
ENTRIES = (("train/b/2.png", PICTURE), ("train/a/1.png", PICTURE), ("test/a/note.txt", b"hello"))


def never(name: str) -> bool:
    return False


def test_folder_and_archive_give_the_same_entries(tmp_path: Path) -> None:
    seen = []
    for source in (spread(tmp_path / "set", *ENTRIES), packed(tmp_path / "set.zip", *ENTRIES)):
        with open_files(source, max_bytes=1 << 30, packed=never) as files:
            pictures = PictureFolders(files)
            assert [column.name for column in pictures.columns] == ["label", "set"] and pictures.total == 3
            seen.append(
                [(e.number, e.name, e.picture, e.problem, dict(e.values)) for e in pictures.entries()]
            )
    assert seen[0] == seen[1]
    note, first, second = seen[0]
    assert note[:3] == (1, "test/a/note.txt", None) and "not a picture" in note[3]
    assert first[:3] == (2, "train/a/1.png", PICTURE) and first[4] == {"label": "a", "set": "train"}
    assert second[4] == {"label": "b", "set": "train"}


def test_without_classes_a_note_says_so(tmp_path: Path) -> None:
    with open_files(spread(tmp_path / "set", ("1.png", PICTURE)), max_bytes=1, packed=never) as files:
        pictures = PictureFolders(files)
        assert [column.name for column in pictures.columns] == ["label"]
        assert "empty" in pictures.notes[0]
        assert [dict(entry.values)["label"] for entry in pictures.entries()] == [None]


def test_a_file_that_is_gone_is_told_and_not_raised(tmp_path: Path) -> None:
    folder = spread(tmp_path / "set", ("1.png", PICTURE), ("2.png", PICTURE))
    with open_files(folder, max_bytes=1, packed=never) as files:
        (folder / "1.png").unlink()
        (folder / "2.png").unlink()
        (folder / "2.png").symlink_to("/etc/hostname")
        found = [read_entry(files, entry, {}) for entry in files.entries]
    assert [entry.picture for entry in found] == [None, None]
    assert all("cannot be read" in entry.problem for entry in found)
