"""Local files: plain files are let in, everything else is named for what it is."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

from engine.errors import BadCommand, BadData
from engine.providers.local_file import check_file, table_format, unpack_gzip


def test_a_pipe_is_not_read(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(BadCommand, match="not a plain file"):
        check_file(pipe)


def test_a_name_too_long_or_with_zero_is_a_sentence(tmp_path: Path) -> None:
    for name in ("x" * 5000, "a\0b"):
        with pytest.raises(BadCommand):
            check_file(tmp_path / name)


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.csv", b"MZ,b\n1,2\n", "csv"),
        ("a.json", b' [{"a": 1}]', "json"),
        ("a.json", b'{"a": 1}\n', "jsonl"),
        ("a.csv", b"PAR1....", "parquet"),
        ("a.csv", gzip.compress(b"a", mtime=0), "gzip"),
        ("a.xlsx", b"PK\x03\x04...", "excel"),
    ],
)
def test_formats_are_told_by_content(name: str, content: bytes, kind: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert table_format(path) == kind


def test_a_gzip_bomb_is_stopped(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.gz"
    bomb.write_bytes(gzip.compress(bytes(5_000_000)))
    with pytest.raises(BadData, match="unpacks to more"):
        unpack_gzip(bomb, tmp_path / "out", max_bytes=1_000_000)


def test_a_missing_file_is_named_with_the_nearest_beside_it(tmp_path: Path) -> None:
    (tmp_path / "titanic.csv").write_text("a\n1\n")
    with pytest.raises(BadCommand) as caught:
        check_file(tmp_path / "titnic.csv")
    assert caught.value.remedy == "Did you mean 'titanic.csv'? Check the path."
    for path in (tmp_path / "zzz", tmp_path / "no" / "such.csv", tmp_path / "titanic.csv" / "x.csv"):
        with pytest.raises(BadCommand) as caught:
            check_file(path)
        assert caught.value.remedy == "Check the path."


def test_a_plain_file_is_let_in_and_an_empty_one_is_bad_data(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a\n")
    assert check_file(path) == path
    path.write_text("")
    with pytest.raises(BadData, match="0 bytes"):
        check_file(path)
    with pytest.raises(BadCommand, match="is a folder"):
        check_file(tmp_path)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", b"\x89PNG\r\n\x1a\n", "a PNG image"),
        ("a.csv", b"%PDF-1.7\n", "a PDF document"),
        ("a.csv", b"MZ\x90\x00", "a Windows program"),
        ("a.csv", b"SQLite format 3\x00", "an SQLite database"),
        ("a.csv", b"PK\x03\x04rest", "a ZIP archive"),
        ("a.csv", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document"),
        ("a.parquet", b"a,b\n1,2\n", "not Parquet"),
        ("a.xlsx", b"\x00\x01\x02", "not Excel"),
    ],
)
def test_what_is_no_table_is_named_for_what_it_is(
    name: str, content: bytes, said: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(BadData, match=said):
        table_format(path)


@pytest.mark.parametrize("text", ["ID3,b\n1,2\n", "BZh,x\n1,2\n", "MZ;y\n1;2\n"])
def test_a_column_called_like_a_file_s_first_bytes_is_a_table(text: str, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(text)
    assert table_format(path) == "csv"


def test_gzip_comes_back_whole_up_to_the_bound_and_broken_is_said(tmp_path: Path) -> None:
    packed, plain = tmp_path / "a.gz", tmp_path / "a"
    content = os.urandom(100_000)
    packed.write_bytes(gzip.compress(content[:50_000]) + gzip.compress(content[50_000:]))
    unpack_gzip(packed, plain, max_bytes=100_000)
    assert plain.read_bytes() == content
    whole = packed.read_bytes()
    for broken in (whole[:-5], whole[:40_000], b"\x1f\x8b\x08" + bytes(30)):
        packed.write_bytes(broken)
        with pytest.raises(BadData, match="broken gzip"):
            unpack_gzip(packed, plain, max_bytes=1_000_000)
    packed.write_bytes(gzip.compress(b""))
    with pytest.raises(BadData, match="unpacks to nothing"):
        unpack_gzip(packed, plain, max_bytes=100)
