"""Folders and archives are one kind of list, read file by file within bounds (C06, C08)."""

from __future__ import annotations

import stat
import zipfile
from pathlib import Path

import pytest

from engine.errors import BadData
from engine.providers.files import (
    HEAD_BYTES,
    Files,
    TooMuch,
    Unreadable,
    open_files,
    pack_folder,
    read_file,
    unpack_file,
)

ENTRIES = {"b/2.txt": b"two", "a.txt": b"one" * 1000, "b/1.txt": b"", "客户.txt": b"x"}


def never(name: str) -> bool:
    return False


def nothing(head: bytes) -> None:
    """Let everything pass."""


@pytest.fixture(params=["folder", "archive"])
def source(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    if request.param == "archive":
        with zipfile.ZipFile(tmp_path / "set.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in {**ENTRIES, "__MACOSX/a.txt": b"", ".DS_Store": b"", "b/": b""}.items():
                archive.writestr(name, content)
        return tmp_path / "set.zip"
    for name, content in {**ENTRIES, ".DS_Store": b"", "Thumbs.db": b""}.items():
        path = tmp_path / "set" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (tmp_path / "set" / "link.txt").symlink_to("/etc/hostname")
    return tmp_path / "set"


def test_every_file_is_listed_by_name_and_read(source: Path, tmp_path: Path) -> None:
    with open_files(source, max_bytes=1 << 20, packed=never) as files:
        assert files.title == source.name
        assert [(e.number, e.name, e.bytes) for e in files.entries] == [
            (i, name, len(ENTRIES[name])) for i, name in enumerate(sorted(ENTRIES), start=1)
        ]
        for entry in reversed(files.entries):
            assert read_file(files, entry, most=3000, check=nothing) == ENTRIES[entry.name]
            unpack_file(files, entry, tmp_path / "one")
            assert (tmp_path / "one").read_bytes() == ENTRIES[entry.name]


def test_the_head_is_looked_at_before_the_rest(source: Path) -> None:
    heads: list[bytes] = []

    def refuse(head: bytes) -> None:
        heads.append(head)
        raise BadData("No.", remedy="Give another.")

    with open_files(source, max_bytes=1 << 20, packed=never) as files, pytest.raises(BadData, match="No"):
        read_file(files, files.entries[0], most=10_000, check=refuse)
    assert heads == [(b"one" * 1000)[:HEAD_BYTES]]


def test_a_file_larger_than_it_may_be_is_unreadable(source: Path) -> None:
    with (
        open_files(source, max_bytes=1 << 20, packed=never) as files,
        pytest.raises(Unreadable, match="at most 2,999 bytes"),
    ):
        read_file(files, files.entries[0], most=2999, check=nothing)


def zipped(path: Path, entries: dict[str | zipfile.ZipInfo, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return path


def opened_and_read(path: Path, most: int = 1 << 30) -> dict[str, bytes]:
    with open_files(path, max_bytes=most, packed=lambda name: name == "fine.gz") as files:
        return {entry.name: read_file(files, entry, most=1 << 28, check=nothing) for entry in files.entries}


def link(name: str) -> zipfile.ZipInfo:
    made = zipfile.ZipInfo(name)
    made.external_attr = (stat.S_IFLNK | 0o777) << 16
    return made


@pytest.mark.parametrize(
    "name", ["../a", "/a", "C:/a", "a/../../b", "a\\b", "A.TXT", "inner.zip", "x.7z", link("l")]
)
def test_one_bad_name_condemns_an_archive(tmp_path: Path, name: str | zipfile.ZipInfo) -> None:
    with pytest.raises(BadData, match=r"not safe|another archive"):
        opened_and_read(zipped(tmp_path / "set.zip", {"a.txt": b"1", name: b"2"}))


def test_what_may_be_packed_may(tmp_path: Path) -> None:
    assert opened_and_read(zipped(tmp_path / "set.zip", {"fine.gz": b"1"})) == {"fine.gz": b"1"}


def test_bytes_are_counted_over_all_files(tmp_path: Path) -> None:
    path = zipped(tmp_path / "set.zip", {f"{i}.txt": bytes(1000) for i in range(10)})
    assert len(opened_and_read(path, most=10_000)) == 10
    with pytest.raises(TooMuch, match="at most 9,999 bytes"):
        opened_and_read(path, most=9_999)


def test_what_packs_like_a_bomb_is_one(tmp_path: Path) -> None:
    with pytest.raises(TooMuch):
        opened_and_read(zipped(tmp_path / "set.zip", {f"{i}.txt": bytes(20 << 20) for i in range(4)}))


def test_a_broken_entry_costs_no_other(tmp_path: Path) -> None:
    path = zipped(tmp_path / "set.zip", {"a.txt": b"first" * 100, "b.txt": b"second"})
    content = bytearray(path.read_bytes())
    place = content.index(b"a.txt") + 6
    content[place : place + 4] = b"\xff\xff\xff\xff"
    path.write_bytes(content)
    with open_files(path, max_bytes=1 << 20, packed=never) as files:
        first, second = files.entries
        with pytest.raises(Unreadable, match="cannot be read"):
            read_file(files, first, most=1 << 20, check=nothing)
        assert read_file(files, second, most=1 << 20, check=nothing) == b"second"


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"PK\x05\x06" + bytes(10), b"no archive"])
def test_what_is_no_archive_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "set.zip").write_bytes(content)
    with pytest.raises(BadData, match="cannot be read"):
        opened_and_read(tmp_path / "set.zip")


def test_a_file_that_became_something_else_is_unreadable(tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    for name in ("gone", "link", "folder"):
        (tmp_path / "set" / name).write_bytes(b"1")

    def read(files: Files, place: int) -> bytes:
        return read_file(files, files.entries[place], most=10, check=nothing)

    with open_files(tmp_path / "set", max_bytes=1, packed=never) as files:
        for path in (tmp_path / "set").iterdir():
            path.unlink()
        (tmp_path / "set" / "link").symlink_to("/etc/hostname")
        (tmp_path / "set" / "folder").mkdir()
        for place in range(3):
            with pytest.raises(Unreadable):
                read(files, place)


def test_a_folder_becomes_an_archive_of_the_same_files(tmp_path: Path) -> None:
    for name, content in {**ENTRIES, ".DS_Store": b"x"}.items():
        path = tmp_path / "set" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (tmp_path / "set" / "link.txt").symlink_to("/etc/hostname")
    shares: list[float] = []
    for name in ("a.zip", "b.zip"):
        pack_folder(tmp_path / "set", tmp_path / name, most=3004, progress=shares.append)
    assert opened_and_read(tmp_path / "a.zip") == ENTRIES and shares[-1] == 1
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    with pytest.raises(TooMuch, match="at most 3,003 bytes"):
        pack_folder(tmp_path / "set", tmp_path / "c.zip", most=3003, progress=shares.append)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "a.png").write_bytes(b"1")

    def denied(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("engine.providers.files.os.open", denied)
    with pytest.raises(Unreadable, match=r"'a\.png' cannot be read"):
        pack_folder(tmp_path / "set", tmp_path / "a.zip", most=10, progress=lambda share: None)
