"""A file is opened by what it holds; its name only helps where the content leaves it open."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from engine.errors import BadData
from engine.modalities.table.opening import open_table
from engine.modalities.table.source import RawTable, Workplace

Cells = Callable[[RawTable], list[tuple[str | None, ...]]]
TABLE = [("1", "red"), ("2", "blue")]


def content(kind: str, folder: Path) -> bytes:
    path = folder / f"made.{kind}"
    if kind == "parquet":
        pq.write_table(pa.table({"n": ["1", "2"], "c": ["red", "blue"]}), path)
    elif kind == "xlsx":
        book = openpyxl.Workbook()
        for row in (("n", "c"), *TABLE):
            book.active.append(row)
        book.save(path)
    else:
        objects = [dict(zip("nc", row, strict=True)) for row in TABLE]
        mark = "\t" if kind == "tsv" else ","
        texts = {
            "json": json.dumps(objects),
            "jsonl": "\n".join(map(json.dumps, objects)),
            "csv": "n,c\n1,red\n2,blue\n",
            "tsv": f"n{mark}c\n1{mark}red\n2{mark}blue\n",
        }
        path.write_text(texts[kind])
    return path.read_bytes()


@pytest.mark.parametrize("is_packed", [False, True])
@pytest.mark.parametrize(
    ("kind", "name", "told"),
    [
        ("csv", "t.csv", "csv"),
        ("csv", "t", "csv"),
        ("csv", "t.jpg", "csv"),
        ("tsv", "t.tsv", "csv"),
        ("jsonl", "t.jsonl", "jsonl"),
        ("jsonl", "t.txt", "jsonl"),
        ("json", "t.json", "jsonl"),
        ("parquet", "t.parquet", "parquet"),
        ("parquet", "t.csv", "parquet"),
        ("xlsx", "T.XLSX", "excel"),
    ],
)
def test_every_format_opens_plain_and_packed(
    kind: str, name: str, told: str, is_packed: bool, place: Workplace, cells: Cells, tmp_path: Path
) -> None:
    whole = content(kind, tmp_path)
    path = tmp_path / (f"{name}.gz" if is_packed else name)
    path.write_bytes(gzip.compress(whole) if is_packed else whole)
    raw = open_table(path, place)
    assert (raw.format, raw.written, cells(raw)) == (told, ("n", "c"), TABLE)


def test_a_packed_file_keeps_to_the_bound_on_unpacked_bytes(place: Workplace, tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.csv.gz"
    bomb.write_bytes(gzip.compress(b"a,b\n" + b"1,2\n" * 1_000_000))
    with pytest.raises(BadData, match="unpacks to more than 1,000 bytes"):
        open_table(bomb, replace(place, limits=replace(place.limits, max_unpacked_bytes=1000)))
    assert all(path.stat().st_size <= 1000 for path in place.folder.iterdir())


def test_a_file_packed_twice_or_holding_junk_is_named_for_what_it_is(
    place: Workplace, tmp_path: Path
) -> None:
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(gzip.compress(b"a,b\n1,2\n")))
    with pytest.raises(BadData, match="compressed twice"):
        open_table(path, place)
    path.write_bytes(gzip.compress(b"\x89PNG\r\n\x1a\n" + bytes(50)))
    with pytest.raises(BadData, match="PNG image"):
        open_table(path, place)
    path.write_bytes(gzip.compress(b"a,b\n"))
    with pytest.raises(BadData, match=r"'a\.csv\.gz' has no rows"):
        open_table(path, place)
