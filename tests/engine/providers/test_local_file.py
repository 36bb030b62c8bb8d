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
        ("a.csv", gzip.compress(b"a"), "gzip"),
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
